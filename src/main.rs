//! The program `sextant`.
fn main() {}
