//! Follows the feed: entries come in, commits of the index that serves go out, for as long as it lives.
//!
//! Woken by the bell or after a second, it reads the next entries and has the [`live`] index take and commit
//! them with their last number: every two seconds while changes keep coming, at once when they stop. The
//! place to read on from is the index's own; after any failure the last commit is read again and the rest
//! replayed, which is harmless, since an entry replaces whatever was there of its page.
//!
//! It never ends by itself. A database that is away, a disk that is full, a writer that died: it waits,
//! longer each time, and goes on by itself; searching goes on meanwhile. When the index cannot follow this
//! feed, it wants a new one (see [`crate::rebuild`]) and until then takes only removals into the old one,
//! by URL. When `CURRENT` names another generation, it takes that one up; while one is put in the place of
//! another (see [`Context::turn`]) it stands still.

mod live;
mod trouble;

use std::error::Error;
use std::time::Duration;

use shared::index::generation::GenerationError;
use shared::store::bell::{Bell, Topic};
use shared::store::feed::follower;
use shared::store::id::ChangeId;
use shared::store::register::{Keeper, RegisterError};
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use crate::appetite::Appetite;
use crate::context::Context;
use crate::heal::{self, Condition};
use crate::intake::{Reading, Reason};
use crate::off_thread::off_thread;
use crate::patience::Patience;
use crate::writer::Writer;
use live::{Live, Step};
use trouble::FollowError;

/// With some changes applied and the feed dry, this is waited for more before they are committed.
const SETTLE: Duration = Duration::from_millis(200);
/// A follower's place is reported this often even if it stands still.
const REPORT: Duration = Duration::from_secs(10);
/// Between two looks at the register of removals.
const KEEP: Duration = Duration::from_secs(1);
/// After this many failures of a writer in a row its files are examined.
const SUSPICIOUS: u32 = 3;

/// Follows until stopped; then commits what was applied.
pub(crate) async fn run(context: &Context, stop: &CancellationToken) {
    let appetite = Appetite::new(context.config.batch);
    let keeper = Keeper::new(context.config.register.clone());
    let (live, reported, keep_at) = (None, None, Instant::now());
    let mut follow = Follow { context, live, reported, failures: 0, appetite, keeper, keep_at };
    let mut bell = Bell::new(context.primary.clone(), Topic::Feed);
    let mut patience = Patience::default();
    let part = context.progress.part("follower");
    while !stop.is_cancelled() {
        let step = follow.step().await;
        part.advanced();
        match step {
            Ok(step) => {
                context.progress.lacks("feed", None);
                let failed = patience.recovered();
                if 0 < failed {
                    tracing::info!("following again after {failed} failures");
                }
                let rest = async {
                    match step {
                        Step::More => {}
                        Step::Settling => time::sleep(SETTLE).await,
                        Step::Dry => bell.wait(context.config.poll).await,
                    }
                };
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = part.idle_during("the feed is dry", rest) => {}
                }
            }
            Err(error) => {
                if patience.is_fresh() {
                    tracing::warn!(
                        error = &error as &dyn Error,
                        "cannot follow the feed for now; trying again"
                    );
                }
                context.progress.idle("waiting for the database or the disk");
                context.progress.lacks("feed", Some(format!("the index does not follow the store: {error}")));
                let pause = patience.after_failure(rand::random());
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = part.idle_during("waiting for the database or the disk", time::sleep(pause)) => {}
                }
            }
        }
    }
    follow.finish().await;
}

struct Follow<'a> {
    context: &'a Context,
    live: Option<Live>,
    reported: Option<(ChangeId, Instant)>,
    /// Failures of the writer in a row.
    failures: u32,
    appetite: Appetite,
    keeper: Keeper,
    /// When the register is looked at again.
    keep_at: Instant,
}

impl Follow<'_> {
    async fn step(&mut self) -> Result<Step, FollowError> {
        let _turn = self.context.turn.lock().await;
        // What was removed before a restore is out of the store before the index reads it.
        self.keep_register().await?;
        let step = self.take_up_current().await;
        let step = match step {
            Ok(()) => self.read_on().await,
            Err(error) => Err(error),
        };
        match &step {
            Err(FollowError::Writer(_) | FollowError::Panicked(_)) => self.writer_failed().await?,
            Err(
                FollowError::Store(_)
                | FollowError::Folder(_)
                | FollowError::Heal(_)
                | FollowError::Register(_),
            ) => {}
            Ok(_) => self.failures = 0,
        }
        step
    }

    /// Keeps the machine's register of removals as the store's, now and then.
    async fn keep_register(&mut self) -> Result<(), FollowError> {
        if Instant::now() < self.keep_at {
            return Ok(());
        }
        let context = self.context;
        match self.keeper.keep(&context.store, &context.primary).await {
            Ok(()) => {}
            // The table has it, and a full disk must not stop what takes it out of the index.
            Err(error @ RegisterError::Write { .. }) => {
                tracing::warn!(error = &error as &dyn Error, "the register of removals was not written");
            }
            Err(RegisterError::Store(error)) => return Err(FollowError::Store(error)),
            Err(error @ RegisterError::Read { .. }) => return Err(FollowError::Register(error)),
        }
        self.keep_at = Instant::now() + KEEP;
        Ok(())
    }

    /// Makes sure that the writer is that of `CURRENT`, and works.
    async fn take_up_current(&mut self) -> Result<(), FollowError> {
        let context = self.context;
        let current = match context.folder.current() {
            Err(GenerationError::BadName(_)) => None,
            current => current.map_err(FollowError::Folder)?,
        };
        let Some(current) = current.filter(|current| current.path().is_dir()) else {
            self.live = None;
            context.want(Reason::Missing);
            return Ok(());
        };
        match &mut self.live {
            Some(live) if *live.generation() == current && live.has_failed() => {
                live.write(Writer::reopen).await?;
            }
            Some(live) if *live.generation() == current => {}
            Some(_) | None => {
                self.live = None;
                let live = Live::open(context, current).await?;
                tracing::info!(
                    generation = live.generation().name(),
                    change = live.change().0,
                    "following the feed"
                );
                self.live = Some(live);
            }
        }
        Ok(())
    }

    async fn read_on(&mut self) -> Result<Step, FollowError> {
        let context = self.context;
        let Some(live) = &mut self.live else { return Ok(Step::Dry) };
        let reading = live.read(context, &mut self.appetite).await.map_err(FollowError::Store)?;
        let step = match reading {
            Reading::Entries(intake) => live.take(context, intake, &mut self.appetite).await?,
            Reading::Foreign(reason, rules) => {
                context.want(reason);
                live.shut_out(&rules).await?;
                live.take_removals(context).await?
            }
        };
        live.tell(&context.progress);
        if step == Step::Dry {
            context.progress.idle("the feed is dry");
        }
        context.position.send_replace(live.change());
        self.report().await;
        Ok(step)
    }

    /// Says in the store how far the index has come. Nothing depends on it.
    async fn report(&mut self) {
        let Some(place) = self.live.as_ref().and_then(Live::last) else { return };
        let is_news =
            self.reported.is_none_or(|(change, at)| change != place.change() || REPORT < at.elapsed());
        if !is_news {
            return;
        }
        let name = &self.context.config.follower;
        let told = self
            .context
            .primary
            .write(async |c| follower::report(c, name, place.identity(), place.change()).await)
            .await;
        match told {
            Ok(()) => self.reported = Some((place.change(), Instant::now())),
            Err(error) => tracing::debug!(error = &error as &dyn Error, "the place was not reported"),
        }
    }

    /// A writer that fails again and again may stand on damaged files: those are set aside.
    async fn writer_failed(&mut self) -> Result<(), FollowError> {
        self.failures = self.failures.saturating_add(1);
        if self.failures < SUSPICIOUS {
            return Ok(());
        }
        self.failures = 0;
        self.live = None;
        let folder = self.context.folder.clone();
        let condition = off_thread(move || heal::examine(&folder)).await.map_err(FollowError::Panicked)?;
        match condition.map_err(FollowError::Heal)? {
            Condition::Sound | Condition::None => {}
            Condition::SetAside => self.context.want(Reason::Damaged),
        }
        Ok(())
    }

    async fn finish(self) {
        let Some(live) = self.live else { return };
        if let Err(error) = live.finish().await {
            tracing::warn!(error = &error as &dyn Error, "the last changes will be read again");
        }
    }
}
