//! Everything a person may have done.
//!
//! An act takes a witness of who asks and a target, writes one transaction with its audit row, and answers
//! with a receipt. It does nothing itself: crawler and indexer find the row and answer in it.

pub mod exclude;
pub mod index;
pub mod pause;
pub mod purge;
pub mod receipt;
pub mod recrawl;
pub mod report;
pub mod seed;
pub mod settle;
pub mod submit;
