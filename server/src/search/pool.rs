//! The threads that search: few, owned, with a bounded queue.
//!
//! A search cannot be cancelled once it runs, so what protects the processor is that few run at once and
//! that what waits is bounded. A search that panics costs its own answer and nothing else. Of one that comes late it is
//! told whose fault that is: its own, or that of all that the machine has to do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::effort::Effort;

/// A deeply nested query needs some stack, a thread's default is enough for most and not for all.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Something to run.
type Job = Box<dyn FnOnce() + Send>;

/// Why a job gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// The queue is full.
    Full,
    /// It waited, for its turn or for the processor, longer than it worked.
    Waited,
    /// It worked for most of its time, and there is more to do than fits into it.
    Hard,
    /// It panicked.
    Panicked,
}

/// The queue is full.
#[derive(Debug)]
struct Full;

/// Threads that run jobs in order.
pub(crate) struct Pool {
    jobs: Option<SyncSender<Job>>,
    /// Jobs that wait for a thread.
    waiting: Arc<AtomicUsize>,
    queue: usize,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Panics
    ///
    /// When the system gives no thread.
    pub(crate) fn start(threads: usize, queue: usize) -> Self {
        let (sender, receiver) = sync_channel::<Job>(queue.max(1));
        let receiver = Arc::new(Mutex::new(receiver));
        let waiting = Arc::new(AtomicUsize::new(0));
        let threads = (0..threads.max(1))
            .map(|number| {
                let (receiver, waiting) = (Arc::clone(&receiver), Arc::clone(&waiting));
                Builder::new()
                    .name(format!("search-{number}"))
                    .stack_size(STACK_BYTES)
                    .spawn(move || work(&receiver, &waiting))
                    .expect("a process that starts can start a thread")
            })
            .collect();
        Self { jobs: Some(sender), waiting, queue, threads }
    }

    /// What a job gives, if it gives it within the budget.
    pub(crate) async fn answer<T: Send + 'static>(
        &self,
        budget: Duration,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unanswered> {
        let (sender, receiver) = oneshot::channel();
        let begun = Arc::new(OnceLock::new());
        let begins = Arc::clone(&begun);
        let job = move || {
            // Whoever gave up waiting needs no answer.
            if !sender.is_closed() {
                drop(begins.set(Effort::begin()));
                // The caller may give up at any moment; then the answer is for nobody.
                drop(sender.send(job()));
            }
        };
        self.run(Box::new(job)).map_err(|Full| Unanswered::Full)?;
        match timeout(budget, receiver).await {
            Ok(Ok(done)) => Ok(done),
            // The thread's job ended without an answer: it panicked, and the thread lives on.
            Ok(Err(_)) => Err(Unanswered::Panicked),
            Err(_elapsed) => Err(late(begun.get().map_or(Duration::ZERO, Effort::so_far), budget)),
        }
    }

    /// Puts a job into the queue.
    fn run(&self, job: Job) -> Result<(), Full> {
        let Some(jobs) = &self.jobs else { return Err(Full) };
        // Counted first: a thread may take the job before this one comes to count it.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        jobs.try_send(job).map_err(|_| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            Full
        })
    }

    /// Whether so many wait that each should ask for less.
    pub(crate) fn is_crowded(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > self.queue / 2
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Without a sender the threads end after what is queued.
        self.jobs = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a search thread ended by a panic");
            }
        }
    }
}

/// Why an answer did not come within its budget, by how long it was worked for.
fn late(worked: Duration, budget: Duration) -> Unanswered {
    if worked * 2 <= budget { Unanswered::Waited } else { Unanswered::Hard }
}

fn work(receiver: &Mutex<Receiver<Job>>, waiting: &AtomicUsize) {
    loop {
        let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        waiting.fetch_sub(1, Ordering::Relaxed);
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("a search panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn what_does_not_fit_is_turned_away_and_a_panic_costs_one_answer() {
        let pool = Pool::start(1, 1);
        let (open, gate) = channel::<()>();
        let (tell, told) = channel();
        pool.run(Box::new(move || {
            tell.send("started").unwrap();
            gate.recv().unwrap();
            panic!("on purpose");
        }))
        .unwrap();
        assert_eq!(told.recv().unwrap(), "started");
        assert!(!pool.is_crowded());
        let (tell, told) = channel();
        pool.run(Box::new(move || tell.send("after the panic").unwrap())).unwrap();
        assert!(pool.run(Box::new(|| ())).is_err(), "one runs, one waits, the third is too many");
        assert!(pool.is_crowded());
        open.send(()).unwrap();
        assert_eq!(told.recv().unwrap(), "after the panic");
    }

    #[tokio::test]
    async fn what_waited_for_others_is_not_at_fault_and_what_worked_all_the_time_is() {
        const BUDGET: Duration = Duration::from_millis(100);
        let pool = Pool::start(1, 1);
        let (open, gate) = channel::<()>();
        // Stands still, as on a machine that has other things to do.
        assert_eq!(pool.answer(BUDGET, move || gate.recv().is_err()).await, Err(Unanswered::Waited));
        assert_eq!(pool.answer(BUDGET, || ()).await, Err(Unanswered::Waited), "its turn never came");
        assert_eq!(pool.answer(BUDGET, || ()).await, Err(Unanswered::Full), "nobody has left the queue");
        drop(open);
        for (worked, fault) in [(10, Unanswered::Waited), (50, Unanswered::Waited), (90, Unanswered::Hard)] {
            assert_eq!(late(Duration::from_millis(worked), BUDGET), fault, "{worked} ms");
        }
    }
}
