//! What Geminispace is known to be: written by visits, read by everybody.

pub mod ailing;
pub mod backlink;
pub mod capsule;
pub mod certificate;
pub mod content;
pub mod directory;
pub mod kin;
pub mod leave;
pub mod link;
pub mod listing;
pub mod newcomer;
pub mod page;
pub mod portrait;
pub mod post;
pub mod profile;
pub mod removal;
pub mod robots;
pub mod sample;
pub mod site;
pub mod statistic;
