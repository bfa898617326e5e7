//! Complaints: which page, what is wrong with it, and a receipt that tells what became of it.

use shared::store::asked::report::{self, Report, ReportState};

use crate::acts;
use crate::app::App;
use crate::ask::{Ask, Intent, Tongue};
use crate::paths::{self, Link};
use crate::people::allowance::{UsedUp, Wish};
use crate::render::answer::Answer;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::screens::sheet::{Block, Entry, Form, Sheet};

/// Characters of an address at most; it stands in the path while the reason is asked for.
const ADDRESS: usize = 300;
/// The prompts.
const WHICH: &str = "Which page or capsule do you report? Give its address";
const WHY: &str = "What is wrong with it? Please say too how you can be reached, if you want an answer";

/// Asks for the address, and leads to the question for the reason.
///
/// # Errors
///
/// When the address is too long.
pub fn which(ask: &Ask) -> Result<Answer, Problem> {
    let Some(about) = &ask.words else {
        let form = Form {
            action: paths::REPORT.to_owned(),
            intent: Intent::Look,
            label: "The address of the page or capsule",
            value: String::new(),
            button: "Go on",
        };
        return Ok(Sheet { form: Some(form), ..told(WHICH) }.prompt(WHICH));
    };
    let about: String = about.trim().chars().filter(|c| !c.is_control()).collect();
    if ADDRESS < about.chars().count() {
        return Err(Problem::Malformed(
            "the address is too long to be reported; its capsule will do".to_owned(),
        ));
    }
    Ok(Answer::Redirect(paths::report_about(&about)))
}

/// Asks for the reason, keeps the report, and leads to its receipt. A link of the web that brings a reason keeps nothing: it
/// stands in the field, and whoever means it presses the button.
///
/// # Errors
///
/// When the database is away, or the visitor has reported enough for now.
pub async fn why(app: &App, ask: &Ask, about: &str) -> Result<Answer, Problem> {
    if ADDRESS < about.chars().count() {
        return Err(Problem::NotFound);
    }
    let reason = match (&ask.words, ask.intent) {
        (Some(reason), Intent::Act) => reason,
        (words, Intent::Act | Intent::Look) => {
            let form = Form {
                action: paths::report_about(about),
                intent: Intent::Act,
                label: "What is wrong with it? How can you be reached?",
                value: words.clone().unwrap_or_default(),
                button: "Report",
            };
            let sheet = Sheet { form: Some(form), ..told(&format!("Your report is about {about}")) };
            return Ok(sheet.prompt(WHY));
        }
    };
    app.allowance
        .take(ask.visitor, Wish::Report)
        .map_err(|UsedUp { retry_after }| Problem::UsedUp { retry_after })?;
    let token = acts::report::report(app.store()?, about, reason).await?;
    let receipt = Link::with_words(paths::REPORT_RECEIPT, &token).ok_or(Problem::Broken)?;
    Ok(Answer::Redirect(match ask.tongue {
        Tongue::Gemtext => receipt.gemtext,
        Tongue::Html => receipt.html,
    }))
}

fn told(sentence: &str) -> Sheet {
    let how = "Illegal material, private data, a trap, a page that is shown wrongly, or one that is shut out \
        without reason: whoever runs this copy reads every report. What you type here is kept with it, and \
        nothing else is.";
    Sheet::new("Report a page", sentence).part("", vec![Block::Text(how.to_owned())])
}

/// Shows what became of a report.
///
/// # Errors
///
/// When the database is away, or there is no such report.
pub async fn receipt(app: &App, ask: &Ask) -> Result<Answer, Problem> {
    let token = ask.words.as_deref().and_then(|words| words.trim().parse().ok()).ok_or(Problem::NotFound)?;
    let report = app.store()?.read(async |c| report::of(c, token).await).await?;
    Ok(shown(&report.ok_or(Problem::NotFound)?).answer())
}

/// The sheet of a report's receipt.
#[must_use]
pub fn shown(report: &Report) -> Sheet {
    let verdict = match report.state {
        ReportState::Open => {
            "Received: nobody has judged it yet. Keep the address of this page; it tells what becomes of it."
        }
        ReportState::Accepted => "Followed: what you reported was dealt with.",
        ReportState::Declined => "Not followed; the answer says why.",
    };
    let facts = vec![
        Block::fact("About", report.url.clone()),
        Block::fact("Received", phrase::moment(report.reported_at)),
        Block::fact("You wrote", report.reason.clone()),
    ];
    let answer = if report.answer.is_empty() { Vec::new() } else { vec![Block::Text(report.answer.clone())] };
    let entry = Entry::ours(Some(Link::to(paths::EXCLUSIONS)), "What is shut out here, and why");
    Sheet::new("Your report", verdict)
        .part("", vec![Block::Facts(facts)])
        .part("The answer", answer)
        .part("More", vec![Block::Entries(entry.into_iter().collect())])
}
