//! What follows from a visit: pure functions of values, without clock, dice, network or store.
//!
//! A moment or a throw of dice comes in as an argument, and what comes out is a decision with its numbers;
//! whoever asked acts on it. So every rule of politeness is a table of cases in the tests of its room.

pub mod admission;
pub mod breaker;
pub mod budget;
pub mod pace;
pub mod redirect;
pub mod robots;
pub mod schedule;
pub mod standing;
pub mod trap;
pub mod window;
