//! An order becomes one of the acts; the answer leads to the screen where what came of it is seen.

use std::collections::BTreeSet;

use shared::gemini::pattern::UrlPattern;
use shared::gemini::url::GeminiUrl;
use shared::store::Store;
use shared::store::asked::job::Asked;
use shared::store::register::{Register, RegisterError};

use super::deed::{Deed, Order};
use crate::acts::pause::Paused;
use crate::acts::{index, pause, purge, recrawl, seed};
use crate::paths::{Link, desk};
use crate::people::Admin;
use crate::render::problem::Problem;

/// Does what was ordered; returns where to look.
///
/// # Errors
///
/// When the target is none, or the database is away.
pub async fn done(
    admin: &Admin,
    (store, register): (&Store, &Register),
    order: &Order,
) -> Result<Link, Problem> {
    let target = order.target.trim();
    let note = order.note.trim();
    Ok(match order.deed {
        Deed::Recrawl => run(recrawl::recrawl(admin, store, &pattern(target)?).await?.job),
        Deed::Purge => {
            let pattern = pattern(target)?;
            if pattern == UrlPattern::Everything {
                return Err(Problem::Malformed("everything cannot be purged from here".to_owned()));
            }
            let purged = purge::purge(admin, store, register, &pattern, note).await;
            run(purged.map_err(unregistered)?.job)
        }
        Deed::Seed => {
            let url = GeminiUrl::parse(target).map_err(|error| Problem::Malformed(error.to_string()))?;
            seed::seed(admin, store, &BTreeSet::from([url])).await?;
            Link::to(desk::SUBMISSIONS)
        }
        Deed::Pause => paused(pause::pause(admin, store, &pattern(target)?, note).await?)?,
        Deed::Resume => paused(pause::resume(admin, store, &pattern(target)?).await?)?,
        Deed::Rebuild => run(index::rebuild(admin, store, target).await?.ok_or_else(unknown)?.job),
        Deed::Verify => run(index::verify(admin, store, target).await?.ok_or_else(unknown)?.job),
        Deed::RollBack => run(index::roll_back(admin, store, target).await?.ok_or_else(unknown)?.job),
    })
}

fn pattern(target: &str) -> Result<UrlPattern, Problem> {
    target
        .parse()
        .map_err(|error: shared::gemini::pattern::PatternError| Problem::Malformed(error.to_string()))
}

/// The pages are removed all the same; only a restore could bring them back, until it is asked for again.
fn unregistered(error: RegisterError) -> Problem {
    match error {
        RegisterError::Store(error) => error.into(),
        RegisterError::Read { .. } | RegisterError::Write { .. } => {
            tracing::error!(error = &error as &dyn std::error::Error, "a removal was not registered");
            Problem::Broken
        }
    }
}

fn unknown() -> Problem {
    Problem::Malformed("no follower of that name has ever told of itself".to_owned())
}

/// The screen of runs, which begins with this job.
fn run(asked: Asked) -> Link {
    let (Asked::New(job) | Asked::Open(job)) = asked;
    Link::with_beginning(desk::RUNS, &job.to_string())
}

fn paused(paused: Paused) -> Result<Link, Problem> {
    match paused {
        Paused::Now | Paused::Already => Ok(Link::to(desk::CAPSULES)),
        Paused::TooSmall => Err(Problem::Malformed(
            "single pages cannot be paused: name *, *.domain, a host or a site such as gemini://host/~ann/*"
                .to_owned(),
        )),
    }
}
