//! What a component owes its process: progress or stated idleness, and care with what the machine has.

pub mod machine;
pub mod progress;
