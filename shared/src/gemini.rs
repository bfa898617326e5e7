//! The Gemini protocol as types: no sockets, no SQL, no clock.
