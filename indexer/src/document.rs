//! An entry of the feed as a document of the index.

use shared::index::document::Document;
use shared::store::feed::entry::EntryPage;
use shared::store::id::{ChangeId, PageId};

/// The document of a page as the feed gave it.
pub(crate) fn of(page: PageId, change: ChangeId, content: EntryPage) -> Document {
    let EntryPage {
        url,
        kind,
        media_type,
        language,
        charset,
        size_bytes,
        dimensions,
        title,
        headings,
        body,
        alt,
        own_labels,
        art,
        labels,
        links,
        first_seen,
        changed,
        content,
    } = content;
    Document {
        page,
        change,
        site: url.site(),
        url,
        title,
        headings,
        body,
        own_labels,
        anchors: labels,
        alt,
        art,
        media_type,
        kind,
        language,
        charset,
        size_bytes,
        dimensions,
        first_seen,
        changed,
        links,
        content,
    }
}
