//! The rules of a capsule, or of a user's folder in it: the kept copy while it is fresh, else asked for.
//!
//! Redirects of robots.txt are followed here and nowhere else, within the capsule and each at the capsule's
//! pace. Every request is committed before the next is sent.

use std::time::Duration;

use shared::gemini::url::GeminiUrl;
use shared::store::known::robots::{AskedRobots, KeptRobots, RobotsAnswer};
use shared::store::outcome::Outcome;

use super::answer::{self, Answer};
use super::hold::{Halt, Hold};
use crate::fetch::fetched::{Fetch, Fetched, Want};
use crate::frontier::seam::Frontier;
use crate::policy::redirect::{self, HOPS};
use crate::policy::robots::{self, Asked, Law, Meaning};
use crate::policy::standing::Rest;
use crate::record::handover::{Subject, Visit};

/// What was obtained.
#[derive(Debug)]
pub struct Obtained {
    /// What holds.
    pub law: Law,
    /// When to ask again, where the rules could not be read.
    pub ask_again_in: Duration,
    /// Whether the capsule is to be left alone first.
    pub rest: Option<Rest>,
}

impl Obtained {
    /// The same, knowing how the last visit of the front page ended, and how long ago.
    #[must_use]
    pub fn knowing_front(self, front: Option<(Outcome, Duration)>) -> Self {
        Self { law: self.law.knowing_front(front), ..self }
    }
}

/// Obtains the rules of a folder (`/`: the whole capsule), asking only when the kept copy is too old.
///
/// # Errors
///
/// Why the turn cannot go on.
pub async fn obtain<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    folder: &str,
    kept: Option<&KeptRobots>,
) -> Result<Obtained, Halt> {
    if let Some(kept) = kept.filter(|kept| !kept.fresh_for.is_zero()) {
        return Ok(Obtained { law: Law::of(kept), ask_again_in: kept.fresh_for, rest: None });
    }
    let (asked, rest) = ask(hold, folder).await?;
    let kept = asked.keep(kept.cloned());
    Ok(Obtained { law: Law::of(&kept), ask_again_in: kept.fresh_for, rest })
}

async fn ask<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    folder: &str,
) -> Result<(Asked, Option<Rest>), Halt> {
    let Some(mut url) = address_of(hold, folder) else { return Ok((Asked::NoRules, None)) };
    let mut hops = 0;
    loop {
        let fetched = hold.get(&url, Want::Robots).await?;
        let next = fetched.as_ref().ok().and_then(|fetched| moved(&url, fetched)).filter(|_| hops < HOPS);
        let asked = match next {
            Some(_) => None,
            None => Some(read(&fetched)),
        };
        let rest = commit(hold, folder, &url, &fetched, asked.as_ref()).await?;
        match (next, asked) {
            (Some(target), None) if rest.is_none() => url = target,
            (_, Some(asked)) => return Ok((asked, rest)),
            (_, None) => return Ok((Asked::Unreachable, rest)),
        }
        hops += 1;
    }
}

/// Where the rules of a folder stand. A folder whose address would be too long has none.
fn address_of<F: Frontier, N: Fetch>(hold: &Hold<'_, F, N>, folder: &str) -> Option<GeminiUrl> {
    if folder == "/" {
        return Some(GeminiUrl::robots(&hold.leased().addr));
    }
    GeminiUrl::parse(&format!("gemini://{}{folder}robots.txt", hold.leased().addr)).ok()
}

/// Where an answer says that the rules lie, within the capsule.
fn moved(from: &GeminiUrl, fetched: &Fetched) -> Option<GeminiUrl> {
    match robots::meaning(&fetched.header) {
        Meaning::Moved(target) => redirect::within_capsule(from, &target),
        Meaning::Rules | Meaning::NoRules | Meaning::Unreachable => None,
    }
}

/// Reads an answer that leads nowhere else.
fn read(fetched: &Answer) -> Asked {
    let Ok(fetched) = fetched else { return Asked::Unreachable };
    match robots::meaning(&fetched.header) {
        Meaning::Rules if answer::was_cut_short(fetched) => Asked::Unreachable,
        // Every rule is ASCII; what is not UTF-8 in a comment or a path is no reason to lose the rest.
        Meaning::Rules => Asked::Rules(String::from_utf8_lossy(fetched.body.bytes()).replace('\0', "")),
        Meaning::NoRules => Asked::NoRules,
        Meaning::Unreachable | Meaning::Moved(_) => Asked::Unreachable,
    }
}

async fn commit<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    folder: &str,
    url: &GeminiUrl,
    fetched: &Answer,
    asked: Option<&Asked>,
) -> Result<Option<Rest>, Halt> {
    let capsule = hold.leased().capsule;
    let (outcome, wait) = answer::outcome(fetched);
    let (state, rest) = hold.judge(outcome, wait);
    let subject = asked.map_or(Subject::Detour, |asked| {
        let (answer, rules) = match asked {
            Asked::Rules(text) => (RobotsAnswer::Rules, Some(text.clone())),
            Asked::NoRules => (RobotsAnswer::NoRules, None),
            Asked::Unreachable => (RobotsAnswer::Unreachable, None),
        };
        let ask_again_in = asked.ask_again_in();
        Subject::Robots(AskedRobots { capsule, folder: folder.to_owned(), answer, rules, ask_again_in })
    });
    let visit = Visit {
        request: answer::request(capsule, url.path_and_query(), outcome, hold.last_took(), fetched),
        folder: folder.to_owned(),
        capsule: Some(state),
        certificate: answer::certificate(capsule, fetched),
        subject,
    };
    hold.commit(visit, None).await?;
    Ok(rest)
}
