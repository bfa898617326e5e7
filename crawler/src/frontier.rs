//! The frontier: which capsule is next, what is due in it, and when it may be connected to.
//!
//! Turns know it by the trait [`seam::Frontier`] alone. It has two implementations: [`stored`], over
//! Postgres, for every real crawl, and the simulated years of the tests, in memory, on a paused clock.

pub mod seam;
pub mod stored;
