//! From a query to a screen: search and render over Gemini and the web.
