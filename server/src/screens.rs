//! One file per screen: loads a view and gives it both templates.

pub mod capsule;
pub mod find;
pub mod lists;
pub mod owner;
pub mod page;
pub mod sheet;
pub mod words;
