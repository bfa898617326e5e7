//! Takes out of the store what the register of removals says, in slices: out of the index within a minute.
//!
//! A job does the entries of its pattern; entries that no job names (a server said that a page is gone for good, or a
//! crash came before the job's end) are done by the next crawler that looks.

use shared::gemini::pattern::UrlPattern;
use shared::process::progress::Part;
use shared::store::id::{PageId, RemovalId};
use shared::store::known::removal::{self, Open, Registered, Removal};
use shared::store::{Store, StoreError, register};

use super::texts;

/// Entries looked at in one go.
const ENTRIES: i64 = 100;

/// The open entries of a pattern: what the newest removes, the others remove too.
#[derive(Debug)]
pub struct Begun {
    /// The one with the latest moment.
    pub newest: Removal,
    ids: Vec<RemovalId>,
}

/// The entries that a purge is to do; none where they are done already.
///
/// # Errors
///
/// When the database is away.
pub async fn begin(store: &Store, pattern: &UrlPattern) -> Result<Option<Begun>, StoreError> {
    let open = store.read(async |c| removal::open(c, Open::Of(pattern), ENTRIES).await).await?;
    let ids = open.iter().map(|registered| registered.id).collect();
    let newest = open.into_iter().map(|registered| registered.entry).max_by_key(|removal| removal.moment);
    Ok(newest.map(|newest| Begun { newest, ids }))
}

/// Drops what the pages had said before, too, and says that they are taken out.
///
/// # Errors
///
/// When the database is away.
pub async fn done((store, part): (&Store, &Part), begun: &Begun) -> Result<(), StoreError> {
    texts::of((store, part), &begun.newest.pattern).await?;
    store.write(async |c| removal::applied(c, &begun.ids).await).await
}

/// Does the entries that no job is about to do.
///
/// # Errors
///
/// When the database is away.
pub async fn left_over((store, part): (&Store, &Part)) -> Result<(), StoreError> {
    let open = store.read(async |c| removal::open(c, Open::WithoutJob, ENTRIES).await).await?;
    for registered in open {
        match one((store, part), &registered).await {
            Err(error) if !error.is_outage() => tracing::error!(
                removal = registered.id.0,
                error = &error as &dyn std::error::Error,
                "a removal cannot be done"
            ),
            done => done?,
        }
    }
    Ok(())
}

async fn one((store, part): (&Store, &Part), registered: &Registered<Removal>) -> Result<(), StoreError> {
    let mut cursor = PageId(0);
    while let Some((last, _)) = register::slice(store, &registered.entry, cursor).await? {
        part.advanced();
        cursor = last;
    }
    store.write(async |c| removal::applied(c, &[registered.id]).await).await
}
