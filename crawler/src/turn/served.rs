//! What is served again as it was need not be read again: a short mark of the header and the bytes tells.

use shared::gemini::media_type::MediaType;
use shared::store::known::page::{DuePage, ServedMark, Standing};

use crate::fetch::fetched::Fetched;
use crate::parse;

/// The mark of an answer; none where its body was cut, for then nobody knows what it would have been.
pub fn mark(fetched: &Fetched, media_type: &MediaType) -> Option<ServedMark> {
    if fetched.body.ending().is_cut() {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(&parse::WAY_OF_READING.to_le_bytes());
    hasher.update(media_type.to_string().as_bytes());
    hasher.update(b"\n");
    hasher.update(fetched.body.bytes());
    let mut short = [0; 8];
    hasher.finalize_xof().fill(&mut short);
    Some(ServedMark(i64::from_le_bytes(short)))
}

/// Whether a page was served as it was when it was last read, and is shown as it was read.
pub fn is_as_before(page: &DuePage, mark: Option<ServedMark>) -> bool {
    mark.is_some() && page.served == mark && page.standing == Standing::Searchable
}
