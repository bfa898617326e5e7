//! `sextant admin report N`: one complaint, and the judgement on it.

use anyhow::bail;
use server::acts::settle::{self, Decision, Judgement, Settled};
use server::people::Admin;
use shared::gemini::pattern::UrlPattern;
use shared::gemini::text::OneLine;
use shared::store::Store;
use shared::store::asked::report::{self, Report, ReportState};
use shared::store::register::Register;

use super::words::job;

/// Which report, and what is done about it.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Its number, as `sextant admin reports` tells it
    number: i64,
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Judge it; whoever reported it finds the judgement at the receipt
    Settle {
        #[command(flatten)]
        decision: Chosen,
        /// Which pages, where the report does not name them or names too few
        #[arg(long)]
        pattern: Option<UrlPattern>,
        /// What whoever reported it is told beside
        #[arg(long, default_value = "")]
        note: String,
    },
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Chosen {
    /// Take down what it names: out of store and search for good, and kept out
    #[arg(long)]
    remove: bool,
    /// Shut out what it names; lifting the rule brings it back
    #[arg(long)]
    exclude: bool,
    /// Leave it
    #[arg(long)]
    refuse: bool,
}

impl Chosen {
    const fn decision(&self) -> Decision {
        if self.remove {
            Decision::Remove
        } else if self.exclude {
            Decision::Exclude
        } else {
            Decision::Refuse
        }
    }
}

/// Shows or judges a report.
pub(super) async fn told(
    admin: &Admin,
    (store, register): (&Store, &Register),
    arguments: &Arguments,
) -> anyhow::Result<String> {
    let number = arguments.number;
    let Some(Act::Settle { decision, pattern, note }) = &arguments.act else {
        let report = store.read(async |c| report::numbered(c, number).await).await?;
        let Some(report) = report else { bail!("there is no report {number}") };
        return Ok(shown(number, &report));
    };
    let judgement = Judgement { decision: decision.decision(), pattern: pattern.clone(), note: note.clone() };
    match settle::settle(admin, store, register, number, &judgement).await? {
        Settled::Now(Some(asked)) => Ok(format!("report {number} is settled; {}", job(asked))),
        Settled::Now(None) => Ok(format!("report {number} is settled")),
        Settled::Already => Ok(format!("report {number} was settled just so before")),
        Settled::Unknown => bail!("there is no report {number}"),
        Settled::Unclear(text) => {
            bail!(
                "{:?} is neither a URL nor a host: say with --pattern which pages are meant",
                one_line(&text)
            )
        }
    }
}

fn shown(number: i64, report: &Report) -> String {
    let state = match report.state {
        ReportState::Open => "waits for your judgement",
        ReportState::Accepted => "followed",
        ReportState::Declined => "not followed",
    };
    let mut lines = vec![
        format!("report {number}: {state}"),
        format!("  about     {}", one_line(&report.url)),
        format!("  received  {}", report.reported_at.format("%Y-%m-%d %H:%M UTC")),
        format!("  reason    {}", one_line(&report.reason)),
    ];
    if !report.answer.is_empty() {
        lines.push(format!("  answer    {}", one_line(&report.answer)));
    }
    lines.join("\n")
}

/// Nothing that a visitor wrote commands a terminal.
fn one_line(text: &str) -> String {
    OneLine::new(text).to_string()
}
