//! Atom and RSS: told from other documents, and read as far as they can be.

use super::entry::Feed;
use super::salvage;

/// So much of a document's beginning is searched for the mark of a feed.
const HEAD: usize = 2_048;

/// Whether a document is such a feed, whatever its type says.
pub(crate) fn is_feed(document: &str) -> bool {
    let start = document.trim_start();
    let head = start.get(..start.floor_char_boundary(HEAD)).unwrap_or_default();
    head.starts_with('<') && ["<feed", "<rss", "<rdf:RDF", ":feed"].iter().any(|mark| head.contains(mark))
}

/// Reads it; what is malformed is read as far as it can be.
pub(crate) fn read(document: &str) -> Feed {
    let document = without_declaration(document.trim_start());
    salvage::read(document)
}

/// Its declaration may name the charset that it had before it was decoded.
fn without_declaration(document: &str) -> &str {
    let rest = document.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    rest.map_or(document, |(_, rest)| rest)
}
