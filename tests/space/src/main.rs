//! The simulated space as a command for people.
fn main() {}
