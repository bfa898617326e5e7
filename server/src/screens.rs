//! One file per screen: loads a view and gives it both templates.

pub mod find;
pub mod words;
