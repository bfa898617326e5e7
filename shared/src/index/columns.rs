//! The fast fields of one segment: what ranking and `verify` read of a page without opening it.

use std::sync::Arc;

use tantivy::columnar::{Column, ColumnValues};
use tantivy::{DocId, SegmentReader};

use super::schema::Fields;
use crate::store::id::{ChangeId, PageId};

/// The columns of a segment.
pub struct Columns {
    page: Arc<dyn ColumnValues<i64>>,
    change: Arc<dyn ColumnValues<i64>>,
    content: Option<Column<u64>>,
    site_key: Arc<dyn ColumnValues<u64>>,
    title_key: Option<Column<u64>>,
    depth: Arc<dyn ColumnValues<u64>>,
    form: Arc<dyn ColumnValues<u64>>,
    kind_code: Arc<dyn ColumnValues<u64>>,
    language_code: Arc<dyn ColumnValues<u64>>,
    length: Arc<dyn ColumnValues<u64>>,
    listing: Arc<dyn ColumnValues<u64>>,
    first_seen: Arc<dyn ColumnValues<i64>>,
    changed: Arc<dyn ColumnValues<i64>>,
}

/// What ranking needs to know of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The page.
    pub page: PageId,
    /// The key of its site.
    pub site_key: u64,
    /// The beginning of its content's hash.
    pub content: Option<u64>,
    /// The key of its title.
    pub title_key: Option<u64>,
    /// Folders between it and its site's front page, which has 0.
    pub depth: u64,
    /// How its URL ends: the code of a [`super::schema::Form`].
    pub form: u64,
    /// Its kind's code.
    pub kind_code: u64,
    /// Words of its body.
    pub length: u64,
    /// How much of it is labels of links, in percent.
    pub listing: u64,
    /// When it was first seen, in seconds.
    pub first_seen: i64,
    /// When its words last changed, in seconds.
    pub changed: i64,
}

/// A page as `verify` compares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The page.
    pub page: PageId,
    /// The change that it came with.
    pub change: ChangeId,
    /// The beginning of its content's hash, as [`super::schema::number`] makes it.
    pub content: Option<u64>,
}

impl Columns {
    /// Opens the columns of a segment.
    ///
    /// # Errors
    ///
    /// When a column is missing or damaged.
    pub fn open(segment: &SegmentReader, fields: &Fields) -> tantivy::Result<Self> {
        let fast = segment.fast_fields();
        let schema = segment.schema();
        Ok(Self {
            page: fast.column_first_or_default(schema.get_field_name(fields.page))?,
            change: fast.column_first_or_default(schema.get_field_name(fields.change))?,
            content: fast.column_opt(schema.get_field_name(fields.content))?,
            site_key: fast.column_first_or_default(schema.get_field_name(fields.site_key))?,
            title_key: fast.column_opt(schema.get_field_name(fields.title_key))?,
            depth: fast.column_first_or_default(schema.get_field_name(fields.depth))?,
            form: fast.column_first_or_default(schema.get_field_name(fields.form))?,
            kind_code: fast.column_first_or_default(schema.get_field_name(fields.kind_code))?,
            language_code: fast.column_first_or_default(schema.get_field_name(fields.language_code))?,
            listing: fast.column_first_or_default(schema.get_field_name(fields.listing))?,
            length: fast.column_first_or_default(schema.get_field_name(fields.length))?,
            first_seen: fast.column_first_or_default(schema.get_field_name(fields.first_seen))?,
            changed: fast.column_first_or_default(schema.get_field_name(fields.changed))?,
        })
    }

    /// What ranking needs to know of a page.
    #[must_use]
    pub fn facts(&self, doc: DocId) -> Facts {
        Facts {
            page: PageId(self.page.get_val(doc)),
            site_key: self.site_key.get_val(doc),
            content: self.content.as_ref().and_then(|column| column.first(doc)),
            title_key: self.title_key.as_ref().and_then(|column| column.first(doc)),
            depth: self.depth.get_val(doc),
            form: self.form.get_val(doc),
            kind_code: self.kind_code.get_val(doc),
            length: self.length.get_val(doc),
            listing: self.listing.get_val(doc),
            first_seen: self.first_seen.get_val(doc),
            changed: self.changed.get_val(doc),
        }
    }

    /// The page's language as a [`super::schema::packed`] tag; 0 where it is not known.
    #[must_use]
    pub fn language_code(&self, doc: DocId) -> u64 {
        self.language_code.get_val(doc)
    }

    /// What `verify` compares of a page.
    #[must_use]
    pub fn line(&self, doc: DocId) -> Line {
        Line {
            page: PageId(self.page.get_val(doc)),
            change: ChangeId(self.change.get_val(doc)),
            content: self.content.as_ref().and_then(|column| column.first(doc)),
        }
    }

    /// The latest change of words in the segment, in seconds; pages that were removed may count.
    #[must_use]
    pub fn newest(&self) -> i64 {
        self.changed.max_value()
    }
}
