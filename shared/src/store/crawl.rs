//! How Geminispace is visited; written by crawler workers only.

pub mod address;
pub mod clock;
pub mod request;
pub mod turn;
pub mod worker;
