//! `sextant doctor`: looks at everything once and says what is wrong, in plain words.

mod doors;
mod finding;
mod holder;
mod machine;
mod names;
mod service;

use std::io::Write as _;
use std::process::ExitCode;

use crate::life::identity;
use crate::settings::Settings;
use finding::{Finding, State};

/// Looks, tells, and fails when something is wrong.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let places = settings.places();
    identity::follow_owner(places.state())?;
    let mut findings = service::examine(settings, &places).await;
    findings.extend(machine::examine(settings, &places));
    findings.extend(doors::examine(settings, &places).await);
    findings.extend(names::examine(settings).await);
    let mut out = std::io::stdout().lock();
    for Finding { what, state, words } in &findings {
        let mark = match state {
            State::Fine => "ok     ",
            State::Notable => "note   ",
            State::Trouble => "trouble",
        };
        writeln!(out, "{mark}  {what}: {words}")?;
    }
    let is_well = findings.iter().all(|finding| finding.state != State::Trouble);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
