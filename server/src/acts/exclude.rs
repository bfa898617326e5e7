//! Shut pages out, and let them in again: by URL, by the address or key of their capsules, by what they say.
//!
//! Either takes effect within a minute, in the crawl, in the search and on every screen; nothing is deleted, and lifting
//! a rule brings back what it kept out. What a rule would do can be seen before.

use std::collections::BTreeSet;

use shared::gemini::site::Site;
use shared::gemini::url::GeminiUrl;
use shared::store::asked::exclusion::{self, Added, Exclusion};
use shared::store::asked::job::{Asked, JobKind};
use shared::store::asked::{audit, job};
use shared::store::id::PageId;
use shared::store::known::page;
use shared::store::known::removal::{self, Entry};
use shared::store::register::{Register, RegisterError};
use shared::store::rule::Rule;
use shared::store::{Store, StoreError, bell};
use tokio::time::Instant;

use crate::people::Admin;

/// Pages looked at at once.
const SLICE: i64 = 5_000;
/// Pages that are named as examples.
const EXAMPLES: usize = 5;

/// What a rule would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsal {
    /// Pages that can be found now, and could not be any more.
    pub pages: u64,
    /// The sites that they belong to.
    pub sites: u64,
    /// Some of them.
    pub examples: Vec<GeminiUrl>,
    /// Whether that is all.
    pub extent: Extent,
}

/// How much of the store was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// Every page that the rule could mean.
    #[default]
    Whole,
    /// The oldest so many of them; then the time was up.
    Oldest(u64),
}

/// How long pages are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Until all are.
    Endless,
    /// Until then; a slice that has begun is counted to its end.
    Until(Instant),
}

impl Patience {
    fn is_over(self) -> bool {
        match self {
            Self::Endless => false,
            Self::Until(end) => end <= Instant::now(),
        }
    }
}

/// Counts what a rule would do, and does nothing.
///
/// # Errors
///
/// When the database is away.
pub async fn rehearse(store: &Store, rule: &Rule, patience: Patience) -> Result<Rehearsal, StoreError> {
    let mut rehearsal = Rehearsal::default();
    let mut sites: BTreeSet<Site> = BTreeSet::new();
    let (mut cursor, mut looked_at) = (PageId(0), 0);
    while let Some((last, done)) = store.read(async |c| page::rehearse(c, rule, cursor, SLICE).await).await? {
        cursor = last;
        looked_at += done.looked_at;
        rehearsal.pages += done.pages.len() as u64;
        let wanted = EXAMPLES.saturating_sub(rehearsal.examples.len());
        rehearsal.examples.extend(done.pages.into_iter().take(wanted));
        sites.extend(done.sites);
        let is_full = i64::try_from(done.looked_at).is_ok_and(|looked_at| SLICE <= looked_at);
        if is_full && patience.is_over() {
            rehearsal.extent = Extent::Oldest(looked_at);
            break;
        }
    }
    rehearsal.sites = sites.len() as u64;
    Ok(rehearsal)
}

/// What came of shutting out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excluded {
    /// It is so from now on; this job makes the store say so, too.
    Now(Asked),
    /// It was so before, and is told otherwise now.
    Reworded,
    /// It was just so before.
    Already,
}

/// Shuts out what a rule names.
///
/// # Errors
///
/// When the database is away.
pub async fn exclude(admin: &Admin, store: &Store, exclusion: &Exclusion) -> Result<Excluded, StoreError> {
    store
        .write(async |c| {
            let target = exclusion.rule.to_string();
            // The job comes before the rule in the lock order.
            let job = match exclusion::of(c, &exclusion.rule).await? {
                None => Some(job::ask(c, JobKind::Exclude, &target).await?),
                Some(_) => None,
            };
            let excluded = match (exclusion::add(c, exclusion).await?, job) {
                (Added::Already, _) => return Ok(Excluded::Already),
                (Added::Changed, _) => Excluded::Reworded,
                (Added::New, Some(job)) => Excluded::Now(job),
                // It was lifted in this very moment.
                (Added::New, None) => Excluded::Now(job::ask(c, JobKind::Exclude, &target).await?),
            };
            audit::record(c, &admin.to_string(), "exclude", &target, &exclusion.reason).await?;
            bell::ring(c, bell::Topic::Jobs).await?;
            bell::ring(c, bell::Topic::Feed).await?;
            Ok(excluded)
        })
        .await
}

/// What came of lifting a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifted {
    /// It holds no more; this job brings back what it kept out.
    Now(Asked),
    /// There was no rule of exactly this spelling.
    Nothing,
}

/// Takes a rule away. Where another one shuts the same pages out, they stay out. That it is lifted stands in this machine's
/// register when this returns, so that no restore of an older dump or backup brings it back.
///
/// # Errors
///
/// When the database is away; or when the register's file cannot be written: then the rule is lifted all the same.
pub async fn lift(
    admin: &Admin,
    store: &Store,
    register: &Register,
    rule: &Rule,
) -> Result<Lifted, RegisterError> {
    let (lifted, entry) = store
        .write(async |c| {
            if exclusion::of(c, rule).await?.is_none() {
                return Ok((Lifted::Nothing, None));
            }
            let target = rule.to_string();
            let job = job::ask(c, JobKind::Lift, &target).await?;
            if !exclusion::remove(c, rule).await? {
                // Somebody else has lifted it meanwhile, and asked for that job.
                return Ok((Lifted::Nothing, None));
            }
            audit::record(c, &admin.to_string(), "lift", &target, "").await?;
            let entry = Entry::Lift(removal::record_lifted(c, rule).await?);
            bell::ring(c, bell::Topic::Jobs).await?;
            bell::ring(c, bell::Topic::Feed).await?;
            Ok((Lifted::Now(job), Some(entry)))
        })
        .await?;
    register.add(entry.into_iter().collect()).await?;
    Ok(lifted)
}
