//! How the program ends: 0 when all went well, 64 for wrong flags or configuration, 70 where its own watchdog
//! ended it, 1 for anything else.

use std::io::Write as _;
use std::process::ExitCode;

use crate::settings::SettingsError;

/// The convention of sysexits for wrong usage.
const USAGE: u8 = 64;

/// The watchdog ended the process, for it hung.
pub(crate) const HUNG: i32 = 70;

/// Help and the version are no errors.
pub(crate) fn of_flags(error: &clap::Error) -> ExitCode {
    // Where nobody listens, there is nobody to tell.
    let _unheard = error.print();
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

/// Tells the reason, with all reasons behind it, in one line, and names the code.
pub(crate) fn of(error: &anyhow::Error) -> ExitCode {
    let wrong_settings = error.downcast_ref::<SettingsError>();
    let told = match wrong_settings {
        Some(wrong) => wrong.to_string(),
        None => chain(error),
    };
    let _unheard = writeln!(std::io::stderr(), "sextant: {told}");
    if wrong_settings.is_some() { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
}

/// The whole chain, without what a source only repeats.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for step in error.chain().map(ToString::to_string) {
        if !told.contains(&step) {
            if !told.is_empty() {
                told.push_str(": ");
            }
            told.push_str(&step);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_once() {
        let error =
            anyhow::anyhow!("the disk is full").context("cannot write: the disk is full").context("no index");
        assert_eq!(chain(&error), "no index: cannot write: the disk is full");
    }
}
