//! A component's progress: steps that only grow, a few figures, and idleness that is stated.
//!
//! A watchdog that only asks whether the process is alive misses the hang that matters. So each component
//! counts its steps, and says when it has nothing to do: no step and no stated idleness for too long means
//! that it hangs.
//!
//! A component has [`Part`]s, each of which can hang alone: the one that hands out work, the one that writes,
//! every single turn. A part pulses with each step, and while it is idle on purpose it states so again and
//! again: a statement that is not repeated is no longer believed, for its task is not run any more.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::timeout;

/// So often stated idleness is stated again.
const RESTATED: Duration = Duration::from_secs(1);

/// A component's progress. Clones are the same progress: one is given to the component, one is watched.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    steps: AtomicU64,
    figures: [AtomicU64; Figure::ALL.len()],
    idle: Mutex<Option<&'static str>>,
    /// Parts ever made; the number of the next one.
    numbers: AtomicU64,
    parts: Mutex<Vec<Weak<Tale>>>,
    /// What it needs for its work and has not, with the reason.
    lacks: Mutex<BTreeMap<&'static str, String>>,
    /// Parts that stand still, as whoever watches has seen.
    stuck: Mutex<Vec<String>>,
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

/// A part of a component that can hang alone. It is watched as long as a clone of it lives.
#[derive(Clone, Debug, Default)]
pub struct Part(Arc<Tale>);

/// What a part tells.
#[derive(Debug, Default)]
struct Tale {
    number: u64,
    name: Cow<'static, str>,
    pulses: AtomicU64,
    idle: Mutex<Option<&'static str>>,
}

/// A part as whoever watches sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartSeen {
    /// Which one: no two parts of a component have the same number, even one after the other.
    pub number: u64,
    /// Its name, for people.
    pub name: String,
    /// Steps done and idleness stated, so far: it stands still where this does.
    pub pulses: u64,
    /// What it is doing.
    pub doing: Doing,
}

impl Progress {
    /// A part of this component, watched from now on until it is dropped.
    #[must_use]
    pub fn part(&self, name: impl Into<Cow<'static, str>>) -> Part {
        let number = self.0.numbers.fetch_add(1, Ordering::Relaxed);
        let part = Part(Arc::new(Tale { number, name: name.into(), ..Tale::default() }));
        let mut parts = locked(&self.0.parts);
        parts.retain(|part| part.strong_count() > 0);
        parts.push(Arc::downgrade(&part.0));
        part
    }

    /// Every part that there is now, the oldest first.
    #[must_use]
    pub fn parts(&self) -> Vec<PartSeen> {
        locked(&self.0.parts).iter().filter_map(Weak::upgrade).map(|tale| tale.seen()).collect()
    }

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

    /// Something that the component needs for its work is not there, and why; none: it is there.
    pub fn lacks(&self, what: &'static str, why: Option<String>) {
        let mut lacks = locked(&self.0.lacks);
        match why {
            Some(why) => drop(lacks.insert(what, why)),
            None => drop(lacks.remove(what)),
        }
    }

    /// Why the component cannot do its work now, a sentence for each reason; empty: it is ready.
    #[must_use]
    pub fn lacking(&self) -> Vec<String> {
        locked(&self.0.lacks).values().cloned().collect()
    }

    /// Whoever watches says which parts stand still.
    pub fn set_stuck(&self, stuck: Vec<String>) {
        *locked(&self.0.stuck) = stuck;
    }

    /// Parts that stand still.
    #[must_use]
    pub fn stuck(&self) -> Vec<String> {
        locked(&self.0.stuck).clone()
    }

    fn figure(&self, figure: Figure) -> &AtomicU64 {
        // The array has one place for each variant, in their order.
        &self.0.figures[figure as usize]
    }

    fn idle_reason(&self) -> MutexGuard<'_, Option<&'static str>> {
        locked(&self.0.idle)
    }
}

impl Part {
    /// One step was done; the part is at work.
    pub fn advanced(&self) {
        *locked(&self.0.idle) = None;
        self.0.pulses.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits for something from outside: as long as `work` is waited for, the part is idle for this reason. The
    /// reason is stated again every second, so a task that is not run any more is seen to hang all the same.
    pub async fn idle_during<T>(&self, reason: &'static str, work: impl Future<Output = T>) -> T {
        let stated = Stated { part: self };
        let mut work = pin!(work);
        loop {
            *locked(&self.0.idle) = Some(reason);
            self.0.pulses.fetch_add(1, Ordering::Relaxed);
            if let Ok(done) = timeout(RESTATED, work.as_mut()).await {
                drop(stated);
                return done;
            }
        }
    }
}

impl Tale {
    fn seen(&self) -> PartSeen {
        PartSeen {
            number: self.number,
            name: self.name.clone().into_owned(),
            pulses: self.pulses.load(Ordering::Relaxed),
            doing: locked(&self.idle).map_or(Doing::Working, Doing::Idle),
        }
    }
}

/// Ends the stated idleness, also where the waiting is given up.
struct Stated<'a> {
    part: &'a Part,
}

impl Drop for Stated<'_> {
    fn drop(&mut self) {
        self.part.advanced();
    }
}

/// Nothing panics while it holds one of these locks, and nothing waits.
fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[tokio::test(start_paused = true)]
    async fn a_part_pulses_while_it_is_idle_on_purpose_and_stands_still_while_it_works() {
        let progress = Progress::default();
        let part = progress.part("one");
        let seen = || progress.parts().pop().expect("a part");
        let watched = async {
            let mut last = seen().pulses;
            for _ in 0..5 {
                tokio::time::sleep(RESTATED * 2).await;
                assert_eq!(seen().doing, Doing::Idle("nothing is due"));
                assert!(last < seen().pulses, "it states its idleness again");
                last = seen().pulses;
            }
        };
        part.idle_during("nothing is due", watched).await;
        let before = seen();
        assert_eq!(before.doing, Doing::Working);
        tokio::time::sleep(RESTATED * 10).await;
        assert_eq!(seen(), before);
        let given_up = part.idle_during("for ever", std::future::pending::<()>());
        assert!(timeout(RESTATED, given_up).await.is_err());
        assert_eq!(seen().doing, Doing::Working);
        let number = seen().number;
        drop(part);
        assert_eq!(progress.parts(), []);
        let _next = progress.part("one");
        assert_ne!(seen().number, number);
    }

    #[test]
    fn what_is_lacking_is_said_until_it_is_there() {
        let progress = Progress::default();
        progress.lacks("index", Some("there is none".to_owned()));
        progress.lacks("index", Some("it is damaged".to_owned()));
        progress.lacks("store", None);
        assert_eq!(progress.lacking(), ["it is damaged"]);
        progress.lacks("index", None);
        assert_eq!(progress.lacking(), [""; 0]);
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
