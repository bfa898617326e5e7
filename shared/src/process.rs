//! What a component owes its process: progress or stated idleness, figures and how they are told, and
//! care with what the machine has.

pub mod disk;
pub mod figures;
pub mod machine;
mod memory;
pub mod progress;
pub mod told;
