//! Lists of what is known: capsules, new pages, feeds, figures, exclusions.

pub mod exclusions;
pub mod feeds;
pub mod hosts;
pub mod newest;
pub mod part;
pub mod room;
pub mod statistics;
