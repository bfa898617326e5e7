//! The tables, and all SQL of the project.
