//! What a component owes its process.
