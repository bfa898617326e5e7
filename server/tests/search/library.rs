//! A small index in a temporary folder, made of pages as a test describes them.

use std::path::Path;

use chrono::{DateTime, Utc};
use server::search::results::Results;
use server::search::{Limit, PageNumber, SearchConfig, SearchError, SearchRequest, Searcher, Verbosity};
use shared::gemini::kind::Kind;
use shared::gemini::media_type::Language;
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::GeminiUrl;
use shared::index::document::{Document, to_tantivy};
use shared::index::generation::IndexFolder;
use shared::index::schema::{Fields, key};
use shared::store::id::{ChangeId, ContentHash, PageId};
use tantivy::{IndexWriter, TantivyDocument};

/// The moment that all pages come from, unless a test says otherwise.
pub(crate) fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

/// A page at a URL (without its scheme), with a title and a body.
pub(crate) fn page(url: &str, title: &str, body: &str) -> Document {
    let url = GeminiUrl::parse(&format!("gemini://{url}")).unwrap();
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&key(&format!("{title}\n{body}")).to_le_bytes());
    Document {
        page: PageId(0),
        change: ChangeId(0),
        site: url.site(),
        url,
        title: OneLine::new(title),
        headings: Vec::new(),
        body: PageText::new(body),
        own_labels: Vec::new(),
        anchors: Vec::new(),
        alt: Vec::new(),
        art: PageText::default(),
        media_type: "text/gemini".to_owned(),
        kind: Kind::Page,
        language: None,
        charset: None,
        size_bytes: Some(body.len() as u64),
        dimensions: None,
        first_seen: moment(),
        changed: moment(),
        links: Vec::new(),
        content: Some(ContentHash(hash)),
    }
}

/// The same in a language.
pub(crate) fn page_in(language: &str, url: &str, title: &str, body: &str) -> Document {
    Document { language: Some(Language::parse(language)), ..page(url, title, body) }
}

/// An index on disk, with a searcher over it.
pub(crate) struct Library {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) searcher: Searcher,
}

impl Library {
    /// An index of these pages.
    pub(crate) fn of(pages: impl IntoIterator<Item = Document>) -> Self {
        let library = Self::empty();
        library.publish(pages);
        library
    }

    /// A folder without an index.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Tests run unoptimised and side by side: the budget of a person is not what they test.
        let config = SearchConfig { budget: std::time::Duration::from_secs(60), ..SearchConfig::default() };
        let searcher = Searcher::open(folder.path(), config);
        Self { folder, searcher }
    }

    /// Publishes a new generation with these pages, numbered from 1.
    pub(crate) fn publish(&self, pages: impl IntoIterator<Item = Document>) {
        publish(self.folder.path(), pages);
        self.searcher.refresh();
    }

    pub(crate) async fn ask(&self, text: &str) -> Results {
        self.try_ask(text, 1).await.unwrap_or_else(|error| panic!("{text:?}: {error}"))
    }

    pub(crate) async fn try_ask(&self, text: &str, page: u32) -> Result<Results, SearchError> {
        let page = PageNumber::new(page).unwrap();
        let request = SearchRequest { page, verbosity: Verbosity::Explained, ..SearchRequest::new(text) };
        self.searcher.search(request).await
    }

    /// The same with limits beside the words.
    pub(crate) async fn ask_within(&self, limits: &str, text: &str) -> Results {
        let limits = Limit::list(limits).unwrap_or_else(|| panic!("{limits:?} is no limit"));
        let request = SearchRequest { limits, ..SearchRequest::new(text) };
        self.searcher.search(request).await.unwrap_or_else(|error| panic!("{text:?}: {error}"))
    }

    /// URLs of the first page of results, without their scheme.
    pub(crate) async fn urls(&self, text: &str) -> Vec<String> {
        let results = self.ask(text).await;
        results.hits.iter().map(|hit| hit.url.as_str().trim_start_matches("gemini://").to_owned()).collect()
    }
}

fn publish(folder: &Path, pages: impl IntoIterator<Item = Document>) {
    let folder = IndexFolder::create(folder).unwrap();
    let generation = folder.begin(moment()).unwrap();
    let index = generation.create().unwrap();
    let fields = Fields::new();
    let mut writer: IndexWriter<TantivyDocument> = index.writer_with_num_threads(1, 20_000_000).unwrap();
    for (number, mut document) in pages.into_iter().enumerate() {
        if document.page == PageId(0) {
            document.page = PageId(number as i64 + 1);
        }
        document.change = ChangeId(number as i64 + 1);
        writer.add_document(to_tantivy(&fields, &document)).unwrap();
    }
    writer.commit().unwrap();
    writer.wait_merging_threads().unwrap();
    folder.publish(&generation).unwrap();
}
