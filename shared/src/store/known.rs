//! What Geminispace is known to be: written by visits, read by everybody.

pub mod capsule;
pub mod certificate;
pub mod content;
pub mod link;
pub mod page;
pub mod robots;
pub mod site;
