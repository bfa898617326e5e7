//! What a figure is, and how it is recorded.
//!
//! Labels are words of the program itself (`&'static str`), never what came from a capsule or a visitor: no host, no
//! URL and no query can become one, and there are as many series as there are words.

use std::time::Duration;

use metrics::{Key, Label, Level, Metadata};

/// What a figure counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds; a moment is told in seconds since 1970.
    Seconds,
    /// Bytes.
    Bytes,
    /// Things, as the name says.
    Things,
    /// 1 for yes and 0 for no, or a share between them.
    Share,
}

/// How a figure moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It only grows, from the start of its process on.
    Counter,
    /// It is as it is now.
    Gauge,
    /// How often something was at most so much, for each of these bounds.
    Histogram(&'static [f64]),
}

/// One figure: everything that is said of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// As Prometheus knows it.
    pub name: &'static str,
    /// What it counts in.
    pub unit: Unit,
    /// How it moves.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it tells, for people.
    pub help: &'static str,
}

/// A figure that only grows; it has `N` labels.
#[derive(Clone, Copy, Debug)]
pub struct Counter<const N: usize>(Figure);

/// A figure that is as it is now.
#[derive(Clone, Copy, Debug)]
pub struct Gauge<const N: usize>(Figure);

/// A figure of how long something takes, or how much it is.
#[derive(Clone, Copy, Debug)]
pub struct Histogram<const N: usize>(Figure);

const ORIGIN: Metadata<'static> = Metadata::new("sextant", Level::INFO, None);

impl Figure {
    fn key<const N: usize>(&self, words: [&'static str; N]) -> Key {
        let labels = self.labels.iter().zip(words);
        let labels: Vec<Label> = labels.map(|(name, word)| Label::from_static_parts(name, word)).collect();
        Key::from_parts(self.name, labels)
    }
}

impl<const N: usize> Counter<N> {
    pub(super) const fn of(figure: Figure) -> Self {
        assert!(figure.labels.len() == N, "a word for each label");
        Self(figure)
    }

    pub(super) const fn figure(self) -> Figure {
        self.0
    }

    /// Adds to it.
    pub fn add(&self, words: [&'static str; N], count: u64) {
        let key = self.0.key(words);
        metrics::with_recorder(|recorder| recorder.register_counter(&key, &ORIGIN)).increment(count);
    }

    /// Sets it to what something else has counted since the start of the process.
    pub fn reached(&self, words: [&'static str; N], total: u64) {
        let key = self.0.key(words);
        metrics::with_recorder(|recorder| recorder.register_counter(&key, &ORIGIN)).absolute(total);
    }
}

impl<const N: usize> Gauge<N> {
    pub(super) const fn of(figure: Figure) -> Self {
        assert!(figure.labels.len() == N, "a word for each label");
        Self(figure)
    }

    pub(super) const fn figure(self) -> Figure {
        self.0
    }

    /// How it is now.
    pub fn set(&self, words: [&'static str; N], now: f64) {
        let key = self.0.key(words);
        metrics::with_recorder(|recorder| recorder.register_gauge(&key, &ORIGIN)).set(now);
    }

    /// One more as long as the returned guard lives.
    #[must_use]
    pub fn hold(&self, words: [&'static str; N]) -> Held {
        let key = self.0.key(words);
        let gauge = metrics::with_recorder(|recorder| recorder.register_gauge(&key, &ORIGIN));
        gauge.increment(1.0);
        Held(gauge)
    }
}

impl<const N: usize> Histogram<N> {
    pub(super) const fn of(figure: Figure) -> Self {
        assert!(figure.labels.len() == N, "a word for each label");
        Self(figure)
    }

    pub(super) const fn figure(self) -> Figure {
        self.0
    }

    /// It took so long, this time.
    pub fn took(&self, words: [&'static str; N], time: Duration) {
        let key = self.0.key(words);
        metrics::with_recorder(|recorder| recorder.register_histogram(&key, &ORIGIN))
            .record(time.as_secs_f64());
    }
}

/// One that is counted in a gauge; dropped, it is not any more.
pub struct Held(metrics::Gauge);

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
