//! Finding: the front page, the list of results with its corners and subscriptions, and ways into the unknown.

mod around;
pub mod feed;
pub mod hit;
pub mod home;
pub mod results;
pub mod wander;
