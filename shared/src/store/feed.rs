//! What a follower reads: pages in the numbered order of their changes.
//!
//! [`change`] gives the numbers, [`entry`] reads the changed pages with the labels that point to them,
//! [`identity`] says whose numbers they are, [`graph`] and [`signal`] are the rank pass's way in and out,
//! and [`follower`] keeps how far each follower has come.

pub mod change;
pub mod entry;
pub mod follower;
pub mod graph;
pub mod identity;
pub mod signal;
