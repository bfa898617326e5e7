//! How well the search finds: collections are read from [`files`], each query is [`asked`] of the real search a
//! hundred results deep, and [`measure`] compares what came with the judgments.

pub mod asked;
pub mod files;
pub mod measure;
