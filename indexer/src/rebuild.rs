//! Builds an index beside the one that serves, compares it with the store and switches by `CURRENT`.
//!
//! Building is following: an empty index reads the feed from its first number, and since every page that
//! can be found has exactly one number, it has them all when it arrives at the end; what changes meanwhile
//! comes again later in the feed. A generation that a crash left unfinished is simply forgotten. The one
//! that served is kept for a roll-back, which is a build too: it reads on from where it stood.
//!
//! In the moment of the switch the follower stands still, and the new index reads what came since it was
//! verified: whatever was taken out of the old one is out of the new one before anybody searches it.

use std::error::Error;
use std::path::Path;

use chrono::Utc;
use nix::sys::statvfs::statvfs;
use shared::index::checkpoint::Checkpoint;
use shared::index::generation::{Generation, GenerationError};
use shared::process::progress::Figure;
use shared::store::StoreError;
use shared::store::feed::identity;
use shared::store::id::ChangeId;
use shared::store::register::{Keeper, RegisterError};
use tokio::sync::watch;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::appetite::Appetite;
use crate::context::Context;
use crate::intake::{self, Intake, Reason, Stance, judge};
use crate::off_thread::{OffThread, Panicked, off_thread};
use crate::patience::Patience;
use crate::verify::{self, VerifyError, VerifyReport};
use crate::writer::{Writer, WriterError, WriterLock};

/// Why there is no new index. The old one serves on.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The disk has no room for a second index.
    #[error("a second index needs {needed_bytes} bytes, and {free_bytes} are free")]
    NoSpace {
        /// Needed beside the live one.
        needed_bytes: u64,
        /// Free now, the spare generation gone.
        free_bytes: u64,
    },
    /// The disk cannot be asked for its space.
    #[error("the free space cannot be read")]
    Space(#[source] std::io::Error),
    /// The folder of generations cannot be read or written.
    #[error("the generations cannot be read or written")]
    Generation(#[source] GenerationError),
    /// The new index cannot be written.
    #[error("the new index cannot be written")]
    Writer(#[source] WriterError),
    /// The register of removals cannot be read: nobody knows what must not be shown.
    #[error("what was removed is not known")]
    Register(#[source] RegisterError),
    /// The feed cannot be read.
    #[error("the feed cannot be read")]
    Store(#[source] StoreError),
    /// The new index cannot be compared with the store.
    #[error("the new index cannot be compared with the store")]
    Verify(#[source] VerifyError),
    /// The new index is not what the store says.
    #[error("the new index differs from the store: {0}")]
    Differs(Box<VerifyReport>),
    /// The store was restored under way.
    #[error("the store became another one meanwhile")]
    StoreChanged,
    /// The earlier index cannot follow this feed.
    #[error("the earlier index cannot serve again: {0}")]
    CannotFollow(Reason),
    /// The writing panicked.
    #[error("the writing panicked: {0}")]
    Panicked(String),
    /// It was stopped.
    #[error("it was stopped")]
    Stopped,
}

impl From<Panicked> for RebuildError {
    fn from(panicked: Panicked) -> Self {
        Self::Panicked(panicked.to_string())
    }
}

/// How far a build has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// The number reached.
    pub(crate) change: i64,
    /// The number to reach.
    pub(crate) highest: i64,
}

impl Done {
    /// Between 0 and 100.
    pub(crate) fn percent(self) -> u8 {
        let percent = self.change.max(0) * 100 / self.highest.max(1);
        u8::try_from(percent.clamp(0, 100)).unwrap_or(100)
    }
}

/// Builds a new index and lets it serve.
pub(crate) async fn rebuild(
    context: &Context,
    told: &watch::Sender<Done>,
    stop: &CancellationToken,
) -> Result<VerifyReport, RebuildError> {
    keep_register(context).await?;
    make_room(context)?;
    let folder = &context.folder;
    let generation = folder.begin(Utc::now()).map_err(RebuildError::Generation)?;
    tracing::info!(generation = generation.name(), "building an index");
    let built = build(context, &generation, told, stop).await;
    say(context, None);
    // Whether it serves now or failed: what is neither served nor kept is needed no more. Should some of
    // it stay, the next start deletes it.
    if let Err(error) = folder.sweep(None) {
        tracing::warn!(error = &error as &dyn Error, "an index that nothing needs was not deleted");
    }
    built
}

/// Lets the index that served before serve again, once it has read on to now.
pub(crate) async fn roll_back(
    context: &Context,
    told: &watch::Sender<Done>,
    stop: &CancellationToken,
) -> Result<VerifyReport, RebuildError> {
    keep_register(context).await?;
    let kept = context.folder.kept().map_err(RebuildError::Generation)?;
    let kept = kept.ok_or(RebuildError::Generation(GenerationError::NothingKept))?;
    let mut writer = open(context, &kept, Writer::open).await?;
    let place = writer.run(|writer| writer.reached()).await?;
    let feed = context.store.read(identity::current).await.map_err(RebuildError::Store)?;
    match judge(place.as_ref(), &feed) {
        Stance::Follow(last) => finish(context, &kept, writer, last, told, stop).await,
        Stance::Rebuild(reason) => Err(RebuildError::CannotFollow(reason)),
    }
}

/// What was removed before a restore is out of the store before an index is made from it.
async fn keep_register(context: &Context) -> Result<(), RebuildError> {
    let mut keeper = Keeper::new(context.config.register.clone());
    match keeper.keep(&context.store, &context.primary).await {
        Ok(()) => Ok(()),
        // The table has it; a disk with room for an index has room for a line.
        Err(error @ RegisterError::Write { .. }) => {
            tracing::warn!(error = &error as &dyn Error, "the register of removals was not written");
            Ok(())
        }
        Err(error) => Err(RebuildError::Register(error)),
    }
}

/// Shows searchers how far the build is. Nothing depends on it.
fn say(context: &Context, percent: Option<u8>) {
    if let Err(error) = context.folder.set_rebuilding(percent) {
        tracing::debug!(error = &error as &dyn Error, "the progress of the build was not shown");
    }
}

async fn build(
    context: &Context,
    generation: &Generation,
    told: &watch::Sender<Done>,
    stop: &CancellationToken,
) -> Result<VerifyReport, RebuildError> {
    let writer = open(context, generation, Writer::create).await?;
    finish(context, generation, writer, ChangeId::START, told, stop).await
}

async fn open(
    context: &Context,
    generation: &Generation,
    how: fn(&WriterLock, &Generation, usize) -> Result<Writer, WriterError>,
) -> Result<OffThread<Writer>, RebuildError> {
    let (right, generation) = (context.right.clone(), generation.clone());
    let heap_bytes = context.config.heap_bytes;
    let writer =
        off_thread(move || how(&right, &generation, heap_bytes)).await?.map_err(RebuildError::Writer)?;
    Ok(OffThread::new(writer))
}

/// Reads the feed to its end, verifies and switches.
async fn finish(
    context: &Context,
    generation: &Generation,
    mut writer: OffThread<Writer>,
    from: ChangeId,
    told: &watch::Sender<Done>,
    stop: &CancellationToken,
) -> Result<VerifyReport, RebuildError> {
    let place = fill(context, &mut writer, from, told, stop).await?;
    writer.finish(Writer::close).await?.map_err(RebuildError::Writer)?;
    let report = tokio::select! {
        report = verify::verify(&context.store, generation) => report.map_err(RebuildError::Verify)?,
        () = stop.cancelled() => return Err(RebuildError::Stopped),
    };
    if report.differences() != 0 {
        if serving(context)?.is_some() {
            return Err(RebuildError::Differs(Box::new(report)));
        }
        // Nothing serves: an index with some wrong pages is better than none.
        tracing::error!("the new index differs from the store, and serves for want of another: {report}");
    }
    switch(context, generation, place, told, stop).await?;
    tracing::info!(
        generation = generation.name(),
        change = place.change().0,
        "the new index serves: {report}"
    );
    Ok(report)
}

/// Lets a verified index serve, with all that came meanwhile.
async fn switch(
    context: &Context,
    generation: &Generation,
    place: Checkpoint,
    told: &watch::Sender<Done>,
    stop: &CancellationToken,
) -> Result<(), RebuildError> {
    let mut writer = open(context, generation, Writer::open).await?;
    let _turn = context.turn.lock().await;
    writer.run(|writer| writer.merge_no_more()).await?;
    fill(context, &mut writer, place.change(), told, stop).await?;
    writer.finish(Writer::close).await?.map_err(RebuildError::Writer)?;
    context.folder.publish(generation).map_err(RebuildError::Generation)
}

/// Reads everything after `last` into the index, and takes out what is shut out by now. It is committed as
/// it goes; a crash costs the build.
async fn fill(
    context: &Context,
    writer: &mut OffThread<Writer>,
    last: ChangeId,
    told: &watch::Sender<Done>,
    stop: &CancellationToken,
) -> Result<Checkpoint, RebuildError> {
    let mut appetite = Appetite::new(context.config.batch);
    let mut intake = read(context, last, &mut appetite, stop).await?;
    let begun = *intake.feed();
    let mut last = last;
    loop {
        let feed = *intake.feed();
        if begun.identity != feed.identity {
            return Err(RebuildError::StoreChanged);
        }
        let done = Done { change: last.0, highest: feed.highest.0 };
        if told.send_replace(done).percent() != done.percent() {
            say(context, Some(done.percent()));
        }
        let end = intake.end();
        context.progress.advanced();
        context.progress.add(Figure::Indexed, intake.len());
        last = end.unwrap_or(last);
        let rules = intake.rules().clone();
        let writing = writer.run(move |writer| writer.take(intake.operations()));
        // Near the end it is for the follower to read on; under a constant crawl there is no last entry.
        if end.is_some_and(|end| end < feed.highest) {
            let (written, ahead) = tokio::join!(writing, read(context, last, &mut appetite, stop));
            written?.map_err(RebuildError::Writer)?;
            intake = ahead?;
            continue;
        }
        writing.await?.map_err(RebuildError::Writer)?;
        // Nothing older than the floor is left to be read, so an index without it is no index below it.
        let place = Checkpoint::new(feed.identity, last.max(begun.floor));
        let end = move |writer: &mut Writer| {
            writer.reach(place);
            writer.commit()?;
            writer.shut_out(&rules)
        };
        writer.run(end).await?.map_err(RebuildError::Writer)?;
        return Ok(place);
    }
}

/// The entries after `last`; a database that is away is waited for.
async fn read(
    context: &Context,
    last: ChangeId,
    appetite: &mut Appetite,
    stop: &CancellationToken,
) -> Result<Intake, RebuildError> {
    let mut patience = Patience::default();
    loop {
        if stop.is_cancelled() {
            return Err(RebuildError::Stopped);
        }
        let error = match intake::read_on(&context.store, last, appetite).await {
            Ok(intake) => return Ok(intake),
            Err(error) if error.is_outage() => error,
            Err(error) => return Err(RebuildError::Store(error)),
        };
        if patience.is_fresh() {
            tracing::warn!(error = &error as &dyn Error, "the build waits for the database");
        }
        context.progress.idle("waiting for the database");
        let pause = patience.after_failure(rand::random());
        tokio::select! {
            () = stop.cancelled() => {}
            () = time::sleep(pause) => {}
        }
    }
}

/// The generation that serves.
fn serving(context: &Context) -> Result<Option<Generation>, RebuildError> {
    let current = context.folder.current().or_else(|error| match error {
        GenerationError::BadName(_) => Ok(None),
        error => Err(RebuildError::Generation(error)),
    })?;
    Ok(current.filter(|current| current.path().is_dir()))
}

/// A second index needs about the room of the first; where that is not there, the kept one goes.
fn make_room(context: &Context) -> Result<(), RebuildError> {
    let folder = &context.folder;
    let live_bytes =
        serving(context)?.map_or(Ok(0), |live| live.size_bytes()).map_err(RebuildError::Generation)?;
    let needed_bytes = context.config.keep_free_bytes.saturating_add(live_bytes / 4 * 5);
    let free = free_bytes(folder.path())?;
    if needed_bytes <= free {
        return Ok(());
    }
    folder.drop_kept().map_err(RebuildError::Generation)?;
    let free = free_bytes(folder.path())?;
    if needed_bytes <= free { Ok(()) } else { Err(RebuildError::NoSpace { needed_bytes, free_bytes: free }) }
}

fn free_bytes(folder: &Path) -> Result<u64, RebuildError> {
    let disk = statvfs(folder).map_err(|errno| RebuildError::Space(errno.into()))?;
    Ok(disk.blocks_available().saturating_mul(disk.fragment_size()))
}
