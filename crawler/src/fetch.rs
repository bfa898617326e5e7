//! One future owns a connection from connect to drop.
pub mod fetched;
pub mod limits;
pub mod refused;
