//! Bytes, media type and base URL to [`Parsed`](parsed::Parsed).
pub mod parsed;
