//! The simulated space as a command for people.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for behaviour in space::Behaviour::all() {
        writeln!(out, "{:>3}  {:<36} {}", behaviour.catalogue(), behaviour.name(), behaviour.says())?;
    }
    Ok(())
}
