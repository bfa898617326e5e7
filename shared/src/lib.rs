//! The three contracts of Sextant and the plumbing of a process.
//!
//! The crawler, the indexer and the server never call each other. They meet here: in the protocol
//! ([`gemini`]), in the tables ([`store`]) and in the index schema ([`index`]). [`process`] is what
//! each component owes the process that runs it.

pub mod gemini;
pub mod index;
pub mod process;
pub mod store;
