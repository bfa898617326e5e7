//! Finding: the front page and the list of results.

pub mod home;
pub mod results;
