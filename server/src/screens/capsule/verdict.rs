//! Is a capsule in? One sentence that begins with yes, no, or what is missing.

use chrono::{DateTime, Utc};
use shared::gemini::host::CapsuleAddr;
use shared::store::asked::exclusion::PublicRule;
use shared::store::known::leave::ReadRules;
use shared::store::known::page::Standing;
use shared::store::known::portrait::Portrait;
use shared::store::known::robots::RobotsAnswer;
use shared::store::outcome::Outcome;

use crate::render::phrase::{self, ago, ahead, grouped};

/// What the verdict is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The capsule as it is known; none: nobody has heard of it.
    pub portrait: Option<&'a Portrait>,
    /// The rule of ours against its front page.
    pub exclusion: Option<&'a PublicRule>,
    /// Its robots.txt files as last read, the capsule's own first.
    pub rules: &'a [ReadRules],
    /// The rule of its robots.txt that forbids its front page.
    pub forbidden: Option<&'a (u32, String)>,
    /// When the last request was sent to it.
    pub last_request: Option<DateTime<Utc>>,
}

/// Pages that can be found, and all that are known.
#[must_use]
pub fn counts(portrait: &Portrait) -> (u64, u64) {
    let of = |wanted: fn(Standing) -> bool| {
        portrait.pages.iter().filter(|count| wanted(count.standing)).map(|count| count.count).sum()
    };
    (of(|standing| standing == Standing::Searchable), of(|standing| standing != Standing::Gone))
}

/// The verdict.
#[must_use]
pub fn of(addr: &CapsuleAddr, evidence: &Evidence<'_>) -> String {
    if let Some(rule) = evidence.exclusion {
        let reason = if rule.reason.is_empty() { "no reason is given in public" } else { &rule.reason };
        return format!("No: it is shut out here since {}: {reason}.", phrase::day(rule.since));
    }
    let Some(portrait) = evidence.portrait else {
        return format!("Unknown: no page that we have read links to {addr}. Hand it in, and it is visited.");
    };
    let now = portrait.now;
    let (searchable, known) = counts(portrait);
    let visited =
        evidence.last_request.map(|at| format!(", last visit {}", ago(now, at))).unwrap_or_default();
    if searchable > 0 {
        let pages = if known == 1 { "page is" } else { "known pages are" };
        let yes = format!("{} of {} {pages} searchable{visited}", grouped(searchable), grouped(known));
        return match portrait.failing_since {
            Some(since) => {
                format!("Yes, for now: {yes}; but it has not answered since {}.", phrase::moment(since))
            }
            None => format!("Yes: {yes}."),
        };
    }
    if let Some((line, rule)) = evidence.forbidden {
        return format!("No: robots.txt line {line} forbids it (Disallow: {rule}){visited}.");
    }
    if let Some(sentence) = unreachable(portrait, evidence, &visited) {
        return sentence;
    }
    let outcomes = portrait.pages.iter().filter_map(|count| count.outcome);
    match outcomes.into_iter().next() {
        None => {
            let due = portrait.due_at.unwrap_or(now);
            format!(
                "Not yet: it is known since {}, and its first visit comes {}.",
                phrase::day(portrait.first_seen),
                ahead(now, due)
            )
        }
        Some(outcome) => format!(
            "No: none of its {} can be found; the usual reason is: {}{visited}.",
            phrase::count(known, "known page", "known pages"),
            phrase::outcome_in_short(outcome)
        ),
    }
}

/// Why nothing could be asked of it, if that is the reason.
fn unreachable(portrait: &Portrait, evidence: &Evidence<'_>, visited: &str) -> Option<String> {
    let next = ahead(portrait.now, portrait.breaker_until.or(portrait.due_at).unwrap_or(portrait.now));
    let failed = portrait.pages.iter().filter_map(|count| count.outcome).find_map(|outcome| match outcome {
        Outcome::Unreachable(_) => Some(phrase::outcome_in_short(outcome)),
        Outcome::Fetched
        | Outcome::Unchanged
        | Outcome::MovedTemporarily
        | Outcome::MovedPermanently
        | Outcome::WantsInput
        | Outcome::WantsCertificate
        | Outcome::SlowDown
        | Outcome::TemporaryFailure
        | Outcome::NotFound
        | Outcome::Gone
        | Outcome::ForeignHost
        | Outcome::RefusedByRobots
        | Outcome::Excluded
        | Outcome::Malformed => None,
    });
    if portrait.failing_since.is_some() {
        let reason = failed.map(|reason| format!(" ({reason})")).unwrap_or_default();
        return Some(format!("No: it does not answer{reason}{visited}; the next try comes {next}."));
    }
    let own = evidence.rules.first().filter(|rules| rules.folder == "/");
    match own.map(|rules| (rules.answer, rules.last_good.is_some())) {
        Some((RobotsAnswer::Unreachable, false)) => Some(format!(
            "Not yet: its robots.txt could not be read, and without its rules nothing is asked of it{visited}; the next try comes {next}."
        )),
        Some((RobotsAnswer::Unreachable, true) | (RobotsAnswer::Rules | RobotsAnswer::NoRules, _)) | None => {
            None
        }
    }
}
