//! What is given up as a disk fills, step by step: first what can be made again, then growth, then the crawl.
//!
//! A disk has a reserve that must stay free. The steps begin at twice, at one and a half times, and at once the
//! reserve; each ends only when there is a tenth more than it began with, so that nothing goes to and fro.

use std::fmt;

use super::machine::Room;

/// What must stay free on a disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reserve {
    /// A tenth of it, at most 5 GiB.
    #[default]
    Usual,
    /// So many bytes.
    Bytes(u64),
}

/// Never more than this must stay free, unless the configuration says so.
const MOST_BYTES: u64 = 5 << 30;

impl Reserve {
    /// In bytes, on this disk.
    #[must_use]
    pub fn bytes(self, room: Room) -> u64 {
        match self {
            Self::Usual => (room.total_bytes / 10).min(MOST_BYTES),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// How scarce room is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// There is enough.
    #[default]
    Enough,
    /// What is spare is given up: the index before this one, and the requests of earlier months.
    Tight,
    /// No new URLs are taken in; known pages are visited.
    Scarce,
    /// Nothing is crawled.
    Full,
}

impl Step {
    /// Every step, from the first on.
    pub const ALL: [Self; 4] = [Self::Enough, Self::Tight, Self::Scarce, Self::Full];

    /// Which one it is, from 0 to 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Enough => 0,
            Self::Tight => 1,
            Self::Scarce => 2,
            Self::Full => 3,
        }
    }

    /// What this step means, for the admin.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Enough => "there is room enough",
            Self::Tight => "the spare index and the requests of earlier months are given up",
            Self::Scarce => "no new URLs are taken in, known pages are visited",
            Self::Full => "nothing is crawled",
        }
    }

    /// Below so much, this step begins.
    const fn begins(self, reserve_bytes: u64) -> u64 {
        match self {
            Self::Enough => u64::MAX,
            Self::Tight => reserve_bytes.saturating_mul(2),
            Self::Scarce => reserve_bytes.saturating_add(reserve_bytes / 2),
            Self::Full => reserve_bytes,
        }
    }

    /// The step for a disk with so much room, where the one before was this.
    #[must_use]
    pub fn after(self, room: Room, reserve: Reserve) -> Self {
        let reserve_bytes = reserve.bytes(room);
        let holds = |step: &Self| {
            let begins = step.begins(reserve_bytes);
            let ends = if *step <= self { begins.saturating_add(begins / 10) } else { begins };
            room.free_bytes < ends
        };
        Self::ALL.into_iter().rev().find(holds).unwrap_or_default()
    }
}

/// How much room there is, and what follows, in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scarcity {
    /// How scarce it is.
    pub step: Step,
    /// The disk.
    pub room: Room,
    /// What must stay free.
    pub reserve_bytes: u64,
}

impl fmt::Display for Scarcity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, room, reserve_bytes } = self;
        let fills = match step {
            Step::Enough => return write!(f, "the disk has {} MiB free", room.free_bytes >> 20),
            Step::Tight | Step::Scarce => "the disk fills up",
            Step::Full => "the disk is nearly full",
        };
        write!(
            f,
            "{fills}: {} MiB are free, {} MiB must stay free; {}",
            room.free_bytes >> 20,
            reserve_bytes >> 20,
            step.meaning()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    const fn room(free_bytes: u64) -> Room {
        Room { free_bytes, total_bytes: 100 * GIB }
    }

    #[test]
    fn a_tenth_of_a_small_disk_and_five_gib_of_a_large_one_stay_free() {
        assert_eq!(Reserve::Usual.bytes(room(GIB)), 5 * GIB);
        assert_eq!(Reserve::Usual.bytes(Room { total_bytes: 20 * GIB, ..room(GIB) }), 2 * GIB);
        assert_eq!(Reserve::Bytes(7).bytes(room(GIB)), 7);
    }

    #[test]
    fn steps_begin_one_after_the_other_and_end_a_little_later() {
        let mut step = Step::Enough;
        // Tenths of a GiB that are free, with a reserve of 1 GiB, and the step that follows.
        for (tenths, expected) in [
            (30, Step::Enough),
            (20, Step::Enough),
            (19, Step::Tight),
            (21, Step::Tight),
            (15, Step::Tight),
            (14, Step::Scarce),
            (16, Step::Scarce),
            (9, Step::Full),
            (10, Step::Full),
            (11, Step::Scarce),
            (17, Step::Tight),
            (23, Step::Enough),
            (5, Step::Full),
            (90, Step::Enough),
        ] {
            step = step.after(room(tenths * GIB / 10), Reserve::Bytes(GIB));
            assert_eq!(step, expected, "{tenths} tenths");
        }
        assert_eq!(
            Step::Full.after(room(0), Reserve::Bytes(0)),
            Step::Enough,
            "without a reserve nothing is given up"
        );
        assert_eq!(Step::Enough.after(room(GIB), Reserve::Bytes(u64::MAX)), Step::Full);
    }

    #[test]
    fn what_is_given_up_is_said() {
        let scarcity = Scarcity { step: Step::Scarce, room: room(3 << 20), reserve_bytes: 2 << 20 };
        assert_eq!(
            scarcity.to_string(),
            "the disk fills up: 3 MiB are free, 2 MiB must stay free; no new URLs are taken in, known pages are visited"
        );
    }
}
