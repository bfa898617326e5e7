//! The threads that search: few, owned, with a bounded queue.
//!
//! A search cannot be cancelled once it runs, so what protects the processor is that few run at once and
//! that what waits is bounded. A search that panics costs its own answer and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
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
        let threads = (0..threads.max(1))
            .map(|number| {
                let receiver = Arc::clone(&receiver);
                Builder::new()
                    .name(format!("search-{number}"))
                    .stack_size(STACK_BYTES)
                    .spawn(move || work(&receiver))
                    .expect("a process that starts can start a thread")
            })
            .collect();
        Self { jobs: Some(sender), threads }
    }

    /// Puts a job into the queue.
    pub(crate) fn run(&self, job: Job) -> Result<(), Full> {
        match &self.jobs {
            Some(jobs) => jobs.try_send(job).map_err(|_| Full),
            None => Err(Full),
        }
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

fn work(receiver: &Mutex<Receiver<Job>>) {
    loop {
        let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
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
        let (tell, told) = channel();
        pool.run(Box::new(move || tell.send("after the panic").unwrap())).unwrap();
        assert!(pool.run(Box::new(|| ())).is_err(), "one runs, one waits, the third is too many");
        open.send(()).unwrap();
        assert_eq!(told.recv().unwrap(), "after the panic");
    }
}
