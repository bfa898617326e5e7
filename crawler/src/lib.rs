//! From the frontier to the store: leases capsules, fetches their pages, parses them, records what was found.

pub mod config;
pub mod fetch;
pub mod parse;
