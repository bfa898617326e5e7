//! What people asked for: written by acts, done by jobs.

pub mod audit;
pub mod backup;
pub mod calm;
pub mod exclusion;
pub mod job;
pub mod pause;
pub mod report;
pub mod submission;
