//! The index that serves, with its writer: entries go in, commits come out.
//!
//! While one batch is analysed and written the next one is read from the database, so that neither waits
//! for the other. What an admin shuts out leaves the index with the next reading, whatever numbers its pages
//! have; their entries would say so only when they change.

use shared::index::checkpoint::Checkpoint;
use shared::index::generation::Generation;
use shared::process::progress::{Figure, Progress};
use shared::store::StoreError;
use shared::store::feed::entry;
use shared::store::id::ChangeId;
use shared::store::rule::Rules;
use tokio::time::Instant;

use super::trouble::FollowError;
use crate::appetite::Appetite;
use crate::context::Context;
use crate::intake::{self, Intake, Reading};
use crate::off_thread::{OffThread, off_thread};
use crate::writer::{Operation, Writer, WriterError};

/// Removals read at once for an index that is not of this feed.
const REMOVALS: i64 = 10_000;

/// What a step leaves to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More can be read at once.
    More,
    /// Something was applied and is not committed yet.
    Settling,
    /// Nothing.
    Dry,
}

/// The generation that serves, with its writer.
pub(super) struct Live {
    generation: Generation,
    writer: OffThread<Writer>,
    state: State,
    clean_at: Instant,
    /// The entries after those that were written last.
    ahead: Option<Intake>,
    /// The rules by which no page of the index is shut out any more.
    swept: Rules,
    /// The last number of the feed, as far as was read, and since when the index has not had it.
    highest: ChangeId,
    behind_since: Option<Instant>,
    /// How far the removals of a feed that is not this index's have been taken.
    removed: ChangeId,
}

/// What is known of the writer without asking its thread.
#[derive(Clone, Copy, Debug)]
struct State {
    last: Option<Checkpoint>,
    reached: Option<Checkpoint>,
    is_unsaved: bool,
    has_failed: bool,
}

impl State {
    fn of(writer: &Writer) -> Self {
        Self {
            last: writer.last(),
            reached: writer.reached(),
            is_unsaved: writer.is_unsaved(),
            has_failed: writer.has_failed(),
        }
    }
}

impl Live {
    pub(super) async fn open(context: &Context, generation: Generation) -> Result<Self, FollowError> {
        let (right, opened) = (context.right.clone(), generation.clone());
        let heap_bytes = context.config.heap_bytes;
        let writer = off_thread(move || Writer::open(&right, &opened, heap_bytes))
            .await
            .map_err(FollowError::Panicked)?
            .map_err(FollowError::Writer)?;
        let state = State::of(&writer);
        Ok(Self {
            generation,
            writer: OffThread::new(writer),
            state,
            clean_at: Instant::now(),
            ahead: None,
            swept: Rules::default(),
            highest: ChangeId::START,
            behind_since: None,
            removed: ChangeId::START,
        })
    }

    pub(super) const fn generation(&self) -> &Generation {
        &self.generation
    }

    /// The place of the last commit; none if it does not say.
    pub(super) const fn last(&self) -> Option<Checkpoint> {
        self.state.last
    }

    pub(super) fn change(&self) -> ChangeId {
        self.state.last.map_or(ChangeId::START, |place| place.change())
    }

    /// Says how much is not committed yet, and how long that has been so.
    pub(super) fn tell(&mut self, progress: &Progress) {
        let lag = self.highest.0.saturating_sub(self.change().0).max(0).unsigned_abs();
        let since = if lag == 0 { None } else { Some(self.behind_since.unwrap_or_else(Instant::now)) };
        self.behind_since = since;
        progress.set(Figure::IndexLag, lag);
        progress.set(Figure::IndexAge, since.map_or(0, |since| since.elapsed().as_secs()));
    }

    pub(super) const fn has_failed(&self) -> bool {
        self.state.has_failed
    }

    pub(super) async fn write(
        &mut self,
        work: impl FnOnce(&mut Writer) -> Result<(), WriterError> + Send + 'static,
    ) -> Result<(), FollowError> {
        let committed_before = self.state.last;
        let (result, state) = self
            .writer
            .run(move |writer| (work(writer), State::of(writer)))
            .await
            .map_err(FollowError::Panicked)?;
        self.state = state;
        if state.last != committed_before {
            self.clean_at = Instant::now();
        }
        result.map_err(FollowError::Writer)
    }

    /// The next entries: those that were read ahead, or else what the feed gives now.
    pub(super) async fn read(
        &mut self,
        context: &Context,
        appetite: &mut Appetite,
    ) -> Result<Reading, StoreError> {
        match self.ahead.take() {
            Some(intake) => Ok(Reading::Entries(intake)),
            None => intake::read(&context.store, self.state.reached, appetite).await,
        }
    }

    /// Takes entries into the index, commits when that is due, and reads ahead meanwhile.
    pub(super) async fn take(
        &mut self,
        context: &Context,
        intake: Intake,
        appetite: &mut Appetite,
    ) -> Result<Step, FollowError> {
        let rules = intake.rules().clone();
        self.highest = intake.feed().highest;
        let Some(end) = intake.end() else {
            if self.state.is_unsaved {
                self.write(Writer::commit).await?;
            }
            self.shut_out(&rules).await?;
            return Ok(Step::Dry);
        };
        // Said before the writing, so that a writer that hangs is seen to hang.
        context.progress.advanced();
        context.progress.add(Figure::Indexed, intake.len());
        let feed = *intake.feed();
        let has_more = end < feed.highest;
        if !self.state.is_unsaved {
            self.clean_at = Instant::now();
        }
        let is_due = context.config.commit_every <= self.clean_at.elapsed();
        let writing = self.write(move |writer| {
            writer.take(intake.operations())?;
            if is_due { writer.commit() } else { Ok(()) }
        });
        if has_more {
            let place = Checkpoint::new(feed.identity, end);
            let reading = intake::read(&context.store, Some(place), appetite);
            let (written, ahead) = tokio::join!(writing, reading);
            written?;
            self.ahead = match ahead {
                Ok(Reading::Entries(intake)) => Some(intake),
                // The next step reads for itself, and tells what is wrong.
                Ok(Reading::Foreign(..)) | Err(_) => None,
            };
        } else {
            writing.await?;
        }
        self.shut_out(&rules).await?;
        Ok(if has_more { Step::More } else { Step::Settling })
    }

    /// Takes out the pages that these rules shut out, as far as that was not done before.
    pub(super) async fn shut_out(&mut self, rules: &Rules) -> Result<(), FollowError> {
        let new = rules.beyond(&self.swept);
        if !new.is_empty() {
            self.write(move |writer| writer.shut_out(&new)).await?;
        }
        self.swept = rules.clone();
        Ok(())
    }

    /// Takes removals out of an index that is not of this feed, and leaves its place as it is.
    pub(super) async fn take_removals(&mut self, context: &Context) -> Result<Step, FollowError> {
        let after = self.removed;
        let removals = context
            .store
            .read(async |c| entry::removals(c, after, REMOVALS).await)
            .await
            .map_err(FollowError::Store)?;
        let Some(last) = removals.last().map(|removal| removal.change) else { return Ok(Step::Dry) };
        self.write(move |writer| {
            removals.into_iter().try_for_each(|removal| writer.apply(Operation::RemoveUrl(removal.url)))?;
            writer.commit()
        })
        .await?;
        self.removed = last;
        Ok(Step::More)
    }

    /// Commits what was applied, and ends.
    pub(super) async fn finish(self) -> Result<(), FollowError> {
        if !self.state.is_unsaved || self.state.has_failed {
            return Ok(());
        }
        let committed = self.writer.finish(|mut writer| writer.commit()).await;
        committed.map_err(FollowError::Panicked)?.map_err(FollowError::Writer)
    }
}
