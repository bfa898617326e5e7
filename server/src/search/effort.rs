//! How much of the processor a thread had for what it does: a late answer may be its own fault, or that of all the
//! others on the machine.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::Duration;

/// The figures of whichever thread opens it, and from then on of that one: the time it ran, in nanoseconds, comes first.
const OF_THIS_THREAD: &str = "/proc/thread-self/schedstat";

thread_local! {
    /// Opened once: for a search it would be a hundredth of its time.
    static FIGURES: Option<Arc<File>> = File::open(OF_THIS_THREAD).ok().map(Arc::new);
}

/// The work of a thread since a moment; any other thread may read it.
#[derive(Debug)]
pub(super) struct Effort {
    figures: Option<Arc<File>>,
    before: Duration,
}

impl Effort {
    /// The calling thread's, from now on.
    pub(super) fn begin() -> Self {
        let figures = FIGURES.with(Clone::clone);
        let before = figures.as_deref().and_then(ran).unwrap_or_default();
        Self { figures, before }
    }

    /// How long the thread has had a processor since; nothing where the system does not tell.
    pub(super) fn so_far(&self) -> Duration {
        let now = self.figures.as_deref().and_then(ran).unwrap_or_default();
        now.saturating_sub(self.before)
    }
}

fn ran(figures: &File) -> Option<Duration> {
    let mut bytes = [0; 64];
    let length = figures.read_at(&mut bytes, 0).ok()?;
    let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;
    use std::sync::mpsc::channel;

    use tokio::time::Instant;

    use super::*;

    const WORK: Duration = Duration::from_millis(50);

    #[test]
    fn another_thread_sees_what_one_worked_and_not_what_it_waited() {
        let (busy, idle) = (&OnceLock::new(), &OnceLock::new());
        let (open, gate) = channel::<()>();
        let (leave, stay) = channel::<()>();
        let (tell, told) = channel();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                idle.set(Effort::begin()).unwrap();
                tell.send(()).unwrap();
                // Until all is seen.
                gate.recv().unwrap_err();
            });
            told.recv().unwrap();
            scope.spawn(move || {
                let (effort, began) = (busy.get_or_init(Effort::begin), Instant::now());
                while effort.so_far() < WORK && began.elapsed() < Duration::from_secs(60) {}
                // Of who has left nothing can be read.
                stay.recv().unwrap_err();
            });
            let began = Instant::now();
            while busy.get().map_or(Duration::ZERO, Effort::so_far) < WORK {
                assert!(began.elapsed() < Duration::from_secs(60), "work is not seen");
                std::thread::yield_now();
            }
            assert!(idle.get().unwrap().so_far() * 2 < WORK, "who stands still does not work");
            drop((open, leave));
        });
    }
}
