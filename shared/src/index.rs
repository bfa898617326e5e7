//! The index schema and what lies on disk.
//!
//! The indexer turns an entry of the feed into a [`document`]: its text goes through the [`analyzer`], its
//! facts into the fields of the [`schema`]. Each commit carries a [`checkpoint`]: how far of which store it
//! has come. An index lives in a [`generation`], a folder that is never rebuilt in place; [`signals`], what
//! the graph of links says of pages and sites, lie beside it and change without it. The server reads the
//! same four from the other side.

pub mod analyzer;
pub mod checkpoint;
pub mod columns;
pub mod document;
pub mod generation;
pub mod schema;
pub mod signals;
