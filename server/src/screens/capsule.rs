//! One capsule, for whoever runs it: is it in, what was asked of it, by which rules, what is dead.

pub mod dead_links;
pub mod profile;
pub mod requests;
pub mod robots;
pub mod verdict;
