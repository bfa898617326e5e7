//! The threads that search: few, owned, with a bounded queue.
//!
//! A search cannot be cancelled once it runs, so what protects the processor is that few run at once and
//! that what waits is bounded. A search that panics costs its own answer and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

/// A deeply nested query needs some stack, a thread's default is enough for most and not for all.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Something to run.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// The queue is full.
#[derive(Debug)]
pub(crate) struct Full;

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

    /// Puts a job into the queue.
    pub(crate) fn run(&self, job: Job) -> Result<(), Full> {
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
}
