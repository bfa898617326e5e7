//! The index schema and what lies on disk.
