//! Judge a report: take down what it complains of, shut it out, or leave it. Its receipt tells which, and why.

use shared::gemini::pattern::UrlPattern;
use shared::gemini::url::GeminiUrl;
use shared::store::asked::exclusion::{self, Exclusion, Visibility};
use shared::store::asked::job::{Asked, JobKind};
use shared::store::asked::report::{self, ReportState};
use shared::store::asked::{audit, job};
use shared::store::known::removal::Entry;
use shared::store::register::{Register, RegisterError};
use shared::store::rule::Rule;
use shared::store::{Store, bell};

use super::purge;
use crate::people::Admin;

/// What is done about a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// What it names is taken out for good, and kept out.
    Remove,
    /// What it names is shut out; it stays in the store.
    Exclude,
    /// Nothing.
    Refuse,
}

impl Decision {
    /// What the receipt says of it.
    const fn told(self) -> &'static str {
        match self {
            Self::Remove => {
                "Removed: it was taken out of the store and of the search for good, and is kept out."
            }
            Self::Exclude => "Shut out: it is not visited, not searched and not shown any more.",
            Self::Refuse => "Nothing was changed.",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Remove => "remove",
            Self::Exclude => "exclude",
            Self::Refuse => "refuse",
        }
    }
}

/// A judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What is done.
    pub decision: Decision,
    /// To which pages; none: to what the report names.
    pub pattern: Option<UrlPattern>,
    /// What whoever reported it is told beside.
    pub note: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is so from now on; the job does it, where there is something to do.
    Now(Option<Asked>),
    /// It had been judged just so before.
    Already,
    /// There is no such report.
    Unknown,
    /// What it names is neither a URL nor a host: somebody must say which pages are meant.
    Unclear(String),
}

/// Judges a report. A later judgement takes the place of an earlier one; what was removed stays removed.
///
/// # Errors
///
/// As of [`purge::purge`].
pub async fn settle(
    admin: &Admin,
    store: &Store,
    register: &Register,
    number: i64,
    judgement: &Judgement,
) -> Result<Settled, RegisterError> {
    let Judgement { decision, pattern, note } = judgement;
    let done = store
        .write(async |c| {
            let Some(report) = report::numbered(c, number).await? else {
                return Ok((Settled::Unknown, None));
            };
            let answer = format!("{} {note}", decision.told()).trim_end().to_owned();
            let state = match decision {
                Decision::Remove | Decision::Exclude => ReportState::Accepted,
                Decision::Refuse => ReportState::Declined,
            };
            if (report.state, &report.answer) == (state, &answer) {
                return Ok((Settled::Already, None));
            }
            let Some(pattern) = pattern.clone().or_else(|| meant(&report.url)) else {
                if *decision != Decision::Refuse {
                    return Ok((Settled::Unclear(report.url), None));
                }
                report::settle(c, number, state, &answer).await?;
                audit::record(c, &admin.to_string(), "report", &report.url, &act(number, judgement)).await?;
                return Ok((Settled::Now(None), None));
            };
            let (mut asked, mut removal) = (None, None);
            let exclusion = Exclusion {
                rule: Rule::Urls(pattern.clone()),
                reason: note.clone(),
                // What stands in a path may be the very thing that was to be hidden.
                visibility: Visibility::Host,
            };
            match decision {
                Decision::Remove => {
                    let (job, removed) = purge::registered(c, &pattern, &exclusion).await?;
                    (asked, removal) = (Some(job), Some(removed));
                }
                Decision::Exclude => {
                    asked = Some(job::ask(c, JobKind::Exclude, &exclusion.rule.to_string()).await?);
                    exclusion::add(c, &exclusion).await?;
                    bell::ring(c, bell::Topic::Jobs).await?;
                    bell::ring(c, bell::Topic::Feed).await?;
                }
                Decision::Refuse => {}
            }
            report::settle(c, number, state, &answer).await?;
            let target = pattern.to_string();
            audit::record(c, &admin.to_string(), "report", &target, &act(number, judgement)).await?;
            Ok((Settled::Now(asked), removal))
        })
        .await?;
    let (settled, removal) = done;
    register.add(removal.map(Entry::Removal).into_iter().collect()).await?;
    Ok(settled)
}

fn act(number: i64, judgement: &Judgement) -> String {
    format!("{} report {number}: {}", judgement.decision.word(), judgement.note)
}

/// The page or capsule that a report names.
fn meant(text: &str) -> Option<UrlPattern> {
    let text = text.trim();
    if text.contains("://") {
        return GeminiUrl::parse(text).ok().map(UrlPattern::Page);
    }
    match text.split_once('/') {
        Some((_, path)) if !path.is_empty() => {
            GeminiUrl::parse(&format!("gemini://{text}")).ok().map(UrlPattern::Page)
        }
        Some((host, _)) => host.parse().ok().map(UrlPattern::Capsule),
        None => text.parse().ok().map(UrlPattern::Capsule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_a_page_or_a_capsule() {
        for (text, expected) in [
            ("gemini://a.example/x*", Some("=gemini://a.example/x*")),
            (" a.example ", Some("a.example")),
            ("a.example/", Some("a.example")),
            ("a.example:1966", Some("a.example:1966")),
            ("a.example/page", Some("gemini://a.example/page")),
            ("the page about me", None),
        ] {
            assert_eq!(meant(text).map(|pattern| pattern.to_string()).as_deref(), expected, "{text}");
        }
    }
}
