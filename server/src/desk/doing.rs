//! An order becomes one of the acts; the answer leads to the screen where what came of it is seen.

use std::collections::BTreeSet;

use shared::gemini::pattern::UrlPattern;
use shared::gemini::url::GeminiUrl;
use shared::store::Store;
use shared::store::asked::exclusion::{self, Exclusion};
use shared::store::asked::job::Asked;
use shared::store::register::{Register, RegisterError};
use shared::store::rule::Rule;

use super::deed::{Deed, Order};
use crate::acts::exclude::{self, Excluded, Lifted};
use crate::acts::pause::Paused;
use crate::acts::settle::{self, Decision, Judgement, Settled};
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
    let note = order.note.as_deref().unwrap_or_default().trim();
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
        Deed::Exclude => {
            let rule = rule(target)?;
            if rule == Rule::Urls(UrlPattern::Everything) {
                return Err(Problem::Malformed("everything cannot be shut out from here".to_owned()));
            }
            let reason = match &order.note {
                Some(_) => note.to_owned(),
                None => reason_so_far(store, &rule).await?,
            };
            let exclusion = Exclusion { rule, reason, visibility: order.visibility };
            match exclude::exclude(admin, store, &exclusion).await? {
                Excluded::Now(job) => run(job),
                Excluded::Reworded | Excluded::Already => Link::to(desk::RULES),
            }
        }
        Deed::Lift => {
            let lifted = exclude::lift(admin, store, register, &rule(target)?).await;
            match lifted.map_err(unregistered)? {
                Lifted::Now(job) => run(job),
                Lifted::Nothing => Link::to(desk::RULES),
            }
        }
        Deed::TakeDown => settled(admin, (store, register), order, Decision::Remove).await?,
        Deed::ShutOut => settled(admin, (store, register), order, Decision::Exclude).await?,
        Deed::Decline => settled(admin, (store, register), order, Decision::Refuse).await?,
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

fn rule(target: &str) -> Result<Rule, Problem> {
    target
        .parse()
        .map_err(|error: shared::gemini::pattern::PatternError| Problem::Malformed(error.to_string()))
}

/// Who says nothing of the reason leaves the one that the rule has.
async fn reason_so_far(store: &Store, rule: &Rule) -> Result<String, Problem> {
    let there = store.read(async |c| exclusion::of(c, rule).await).await?;
    Ok(there.map(|listed| listed.exclusion.reason).unwrap_or_default())
}

async fn settled(
    admin: &Admin,
    (store, register): (&Store, &Register),
    order: &Order,
    decision: Decision,
) -> Result<Link, Problem> {
    let no_report = || Problem::NoSuch("there is no such report".to_owned());
    let number = order.target.trim().parse().map_err(|_| no_report())?;
    let note = order.note.as_deref().unwrap_or_default().trim().to_owned();
    let judgement = Judgement { decision, pattern: None, note };
    let settled = settle::settle(admin, store, register, number, &judgement).await;
    match settled.map_err(unregistered)? {
        Settled::Now(_) | Settled::Already => Ok(Link::to(desk::REPORTS)),
        Settled::Unknown => Err(no_report()),
        Settled::Unclear(_) => Err(Problem::Malformed(
            "the report names neither a URL nor a host: purge or exclude what it means, and decline it"
                .to_owned(),
        )),
    }
}

/// What was asked for is done all the same; only a restore could undo it, until it is asked for again.
fn unregistered(error: RegisterError) -> Problem {
    match error {
        RegisterError::Store(error) => error.into(),
        RegisterError::Read { .. } | RegisterError::Write { .. } => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a removal, or its lifting, was not registered"
            );
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
