//! What people hand in: URLs to visit, and complaints; each with a receipt.

pub mod receipt;
pub mod report;
pub mod submit;
