//! The admin's desk: what there is to see and to decide, the same over Gemini, on the web and on a terminal.
//!
//! Every screen reads the store into a value of its own and shows it as a [`board`]; nothing here writes. What is
//! done about it is a [`deed`], which [`doing`] hands to one of the acts, with the proof of who asks.

pub mod audit;
pub mod board;
pub mod capsules;
pub mod charts;
pub mod connections;
pub mod consider;
pub mod deed;
pub mod doing;
pub mod forecast;
pub mod index;
pub mod login;
pub mod overview;
pub mod parts;
pub mod reports;
pub mod rules;
pub mod runs;
pub mod submissions;
pub mod trouble;
