//! One page: what is known of it, its stored text, who links to it.

pub mod backlinks;
pub mod cached;
pub mod info;
