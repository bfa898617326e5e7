//! A component's progress: steps that only grow, a few figures, and idleness that is stated.
//!
//! A watchdog that only asks whether the process is alive misses the hang that matters. So each component
//! counts its steps, and says when it has nothing to do: no step and no stated idleness for too long means
//! that it hangs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A component's progress. Clones are the same progress: one is given to the component, one is watched.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    steps: AtomicU64,
    figures: [AtomicU64; Figure::ALL.len()],
    idle: Mutex<Option<&'static str>>,
}

/// A figure that a component shows while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Pages visited since the start.
    Pages,
    /// Turns of capsules since the start.
    Turns,
    /// Capsules in hand now.
    InHand,
    /// Sockets to capsules open now.
    OpenSockets,
    /// Capsules that have something due now.
    Due,
    /// Pages indexed since the start.
    Indexed,
    /// Searches answered since the start.
    Searches,
    /// Change numbers that the index has not committed yet; 0 when it has all.
    IndexLag,
    /// For how many seconds there have been such numbers.
    IndexAge,
}

impl Figure {
    /// Every figure.
    pub const ALL: [Self; 9] = [
        Self::Pages,
        Self::Turns,
        Self::InHand,
        Self::OpenSockets,
        Self::Due,
        Self::Indexed,
        Self::Searches,
        Self::IndexLag,
        Self::IndexAge,
    ];
}

/// What a component is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It works, or should.
    Working,
    /// It has nothing to do, and says why.
    Idle(&'static str),
}

impl Progress {
    /// One step was done; the component is not idle.
    pub fn advanced(&self) {
        self.0.steps.fetch_add(1, Ordering::Relaxed);
        *self.idle_reason() = None;
    }

    /// There is nothing to do until something comes from outside, and why.
    pub fn idle(&self, reason: &'static str) {
        *self.idle_reason() = Some(reason);
    }

    /// Steps done since the start.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.0.steps.load(Ordering::Relaxed)
    }

    /// What the component is doing.
    #[must_use]
    pub fn doing(&self) -> Doing {
        self.idle_reason().map_or(Doing::Working, Doing::Idle)
    }

    /// Adds to a figure that counts since the start.
    pub fn add(&self, figure: Figure, count: u64) {
        self.figure(figure).fetch_add(count, Ordering::Relaxed);
    }

    /// Sets a figure that tells how it is now.
    pub fn set(&self, figure: Figure, now: u64) {
        self.figure(figure).store(now, Ordering::Relaxed);
    }

    /// Reads a figure.
    #[must_use]
    pub fn get(&self, figure: Figure) -> u64 {
        self.figure(figure).load(Ordering::Relaxed)
    }

    fn figure(&self, figure: Figure) -> &AtomicU64 {
        // The array has one place for each variant, in their order.
        &self.0.figures[figure as usize]
    }

    fn idle_reason(&self) -> std::sync::MutexGuard<'_, Option<&'static str>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idleness_is_stated_and_ends_with_the_next_step() {
        let component = Progress::default();
        let watched = component.clone();
        assert_eq!(watched.doing(), Doing::Working);
        component.idle("nothing is due");
        assert_eq!((watched.doing(), watched.steps()), (Doing::Idle("nothing is due"), 0));
        component.advanced();
        assert_eq!((watched.doing(), watched.steps()), (Doing::Working, 1));
    }

    #[test]
    fn every_figure_has_its_own_place() {
        let progress = Progress::default();
        for (value, figure) in (1..).zip(Figure::ALL) {
            progress.set(figure, value);
        }
        progress.add(Figure::Pages, 10);
        let values = Figure::ALL.map(|figure| progress.get(figure));
        assert_eq!(values, [11, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
}
