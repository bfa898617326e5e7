//! What benches and whole-system tests share: the product at work in this process, and how well it finds.

pub mod engine;
pub mod known_item;
pub mod quality;
pub mod relevance;
pub mod report;
