//! From a query to a screen: search and render over Gemini and the web.

pub mod acts;
pub mod people;
pub mod search;
