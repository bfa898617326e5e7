//! What a component owes its process: progress or stated idleness, figures, and care with what the machine has.

pub mod disk;
pub mod figures;
pub mod machine;
mod memory;
pub mod progress;
