//! What is asked for although nobody links to it: `.well-known/security.txt`, one file a capsule.
//!
//! A capsule is asked once it has been known for a day, so that whatever comes and goes is left alone, and then within a
//! turn like any other: by its rules, at its pace, on its account of the day, and before its pages, for a turn of many
//! pages ends before all of them. What it names is kept; the file is no page, and no link in it is followed.

use std::time::Duration;

use shared::gemini::host::CapsuleAddr;
use shared::gemini::response::ResponseHeader;
use shared::gemini::url::GeminiUrl;
use shared::store::known::capsule::Contact;
use shared::store::rule::Rules;

use super::answer::{self, Answer};
use super::hold::{Halt, Hold};
use crate::fetch::fetched::{Fetch, Want};
use crate::frontier::seam::Frontier;
use crate::parse::contact;
use crate::policy::robots::{Judgement, Law};
use crate::policy::standing::Rest;
use crate::record::handover::{Subject, Visit};

const PATH: &str = "/.well-known/security.txt";

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Whoever names somebody is looked at again as the most stable page is.
const NAMED: Duration = DAY.saturating_mul(30);
/// Whoever does not is left alone for a year.
const NOBODY: Duration = DAY.saturating_mul(365);
/// Whoever could not be asked is asked tomorrow.
const UNKNOWN: Duration = DAY;

/// Whether a page is such a file, to which somebody linked after all.
#[must_use]
pub fn is_contact(url: &GeminiUrl) -> bool {
    url.path() == PATH
}

/// Asks the capsule whom to tell of a hole in it, where its rules allow that; says whether it is to rest now.
///
/// # Errors
///
/// Why the turn cannot go on.
pub async fn ask<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    law: &Law,
    exclusions: &Rules,
) -> Result<Option<Rest>, Halt> {
    let Some(url) = address(&hold.leased().addr) else { return Ok(None) };
    let is_allowed = law.judge(PATH) == Judgement::Allowed && !exclusions.shut_out(&url, None);
    if !is_allowed || !hold.may_ask(&url) {
        return Ok(None);
    }
    let answer = hold.get(&url, Want::Robots).await?;
    let (outcome, wait) = answer::outcome(&answer);
    let capsule = hold.leased().capsule;
    let (state, rest) = hold.judge(outcome, wait);
    let visit = Visit {
        request: answer::request(capsule, PATH, outcome, hold.last_took(), &answer),
        folder: url.site().folder().to_owned(),
        capsule: Some(state),
        certificate: answer::certificate(capsule, &answer),
        subject: Subject::Detour,
    };
    hold.commit(visit, None).await?;
    let (contact, again) = read(&answer);
    hold.keep_contact(contact, again).await?;
    Ok(rest)
}

fn address(capsule: &CapsuleAddr) -> Option<GeminiUrl> {
    GeminiUrl::parse(&format!("gemini://{capsule}{PATH}")).ok()
}

/// What the answer says, and when to ask again. A redirect is not followed: the file has one place.
fn read(answer: &Answer) -> (Contact, Duration) {
    let Ok(fetched) = answer else { return (Contact::Unknown, UNKNOWN) };
    match &fetched.header {
        ResponseHeader::TemporaryFailure { .. } | ResponseHeader::SlowDown { .. } => {
            (Contact::Unknown, UNKNOWN)
        }
        ResponseHeader::Success(_) if answer::was_cut_short(fetched) => (Contact::Unknown, UNKNOWN),
        ResponseHeader::Success(_) => match contact::contacts(fetched.body.bytes()) {
            named if named.is_empty() => (Contact::Nobody, NOBODY),
            named => (Contact::Says(named), NAMED),
        },
        ResponseHeader::Input { .. }
        | ResponseHeader::Redirect { .. }
        | ResponseHeader::PermanentFailure { .. }
        | ResponseHeader::Certificate { .. } => (Contact::Nobody, NOBODY),
    }
}
