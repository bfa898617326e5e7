//! Protocol types as they stand in rows: the database is an edge too.
//!
//! A row is text until the same constructor that reads the network has read it. What it refuses is
//! [`StoreError::Unreadable`], with the value, never a default.

use super::pool::StoreError;
use std::fmt::Display;
use std::str::FromStr;

use super::id::ContentHash;
use crate::gemini::host::{CapsuleAddr, Host};
use crate::gemini::url::GeminiUrl;

/// A capsule's address from its columns.
///
/// # Errors
///
/// [`StoreError::Unreadable`] when the columns hold no address.
pub fn capsule_addr(host: &str, port: i32) -> Result<CapsuleAddr, StoreError> {
    let unreadable = || StoreError::Unreadable { what: "capsule address", value: format!("{host}:{port}") };
    let host = Host::parse(host).map_err(|_| unreadable())?;
    let port = u16::try_from(port).map_err(|_| unreadable())?;
    Ok(CapsuleAddr::new(host, port))
}

/// A page's URL from its capsule and its path column.
///
/// # Errors
///
/// [`StoreError::Unreadable`] when the two make no canonical URL.
pub fn page_url(capsule: &CapsuleAddr, path: &str) -> Result<GeminiUrl, StoreError> {
    let text = format!("gemini://{capsule}{path}");
    GeminiUrl::parse(&text).map_err(|_| StoreError::Unreadable { what: "page URL", value: text })
}

/// A content hash from its column.
///
/// # Errors
///
/// [`StoreError::Unreadable`] when it has not 32 bytes.
pub fn content_hash(bytes: &[u8]) -> Result<ContentHash, StoreError> {
    let hash = bytes.try_into().map_err(|_| StoreError::Unreadable {
        what: "content hash",
        value: format!("{} bytes", bytes.len()),
    })?;
    Ok(ContentHash(hash))
}

/// A word of a closed list from its column.
///
/// # Errors
///
/// [`StoreError::Unreadable`] when the list has no such word.
pub fn word<T: FromStr>(what: &'static str, value: &str) -> Result<T, StoreError> {
    value.parse().map_err(|_| StoreError::Unreadable { what, value: value.to_owned() })
}

/// A column of words for a batched statement.
pub(crate) fn texts<T: Display>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

/// Whole milliseconds for a column; a span beyond the column's range is its greatest.
pub(crate) fn millis(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// Whole seconds for a column; a span beyond the column's range is its greatest.
pub(crate) fn seconds(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}
