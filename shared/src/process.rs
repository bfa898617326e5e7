//! What a component owes its process.

pub mod progress;
