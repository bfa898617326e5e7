//! Documents into an index, and questions to it.

use std::time::Duration;

use chrono::DateTime;
use server::search::{PageNumber, SearchConfig, SearchRequest, Searcher, Verbosity};
use shared::gemini::kind::Kind;
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::GeminiUrl;
use shared::index::document::{Document, to_tantivy};
use shared::index::generation::IndexFolder;
use shared::index::schema::Fields;
use shared::store::id::{ChangeId, PageId};
use tantivy::{IndexWriter, TantivyDocument};

/// A page of text at a URL.
pub(crate) fn document(url: &str, title: &str, body: &str) -> Document {
    let url = GeminiUrl::parse(url).expect("a URL of a collection");
    let moment = DateTime::from_timestamp(1_700_000_000, 0).expect("a moment");
    Document {
        page: PageId(0),
        change: ChangeId(0),
        site: url.site(),
        url,
        title: OneLine::new(title),
        headings: Vec::new(),
        body: PageText::new(body),
        anchors: Vec::new(),
        alt: Vec::new(),
        media_type: "text/gemini".to_owned(),
        kind: Kind::Page,
        language: None,
        charset: None,
        size_bytes: None,
        first_seen: moment,
        changed: moment,
        links: Vec::new(),
        content: None,
    }
}

/// An index that lives as long as this.
pub(crate) struct Index {
    _folder: tempfile::TempDir,
    searcher: Searcher,
}

impl Index {
    pub(crate) fn of(documents: Vec<Document>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let index_folder = IndexFolder::create(folder.path()).expect("an index folder");
        let generation = index_folder.begin(DateTime::UNIX_EPOCH).expect("a generation");
        let index = generation.create().expect("an index");
        let fields = Fields::new();
        let mut writer: IndexWriter<TantivyDocument> =
            index.writer_with_num_threads(1, 64_000_000).expect("a writer");
        for (number, mut document) in documents.into_iter().enumerate() {
            document.page = PageId(i64::try_from(number).expect("few documents"));
            writer.add_document(to_tantivy(&fields, &document)).expect("a document is taken");
        }
        writer.commit().expect("a commit");
        index_folder.publish(&generation).expect("a switch");
        let config = SearchConfig { budget: Duration::from_secs(60), ..SearchConfig::default() };
        let searcher = Searcher::open(folder.path(), config);
        Self { _folder: folder, searcher }
    }

    /// URLs of the first ten hits.
    pub(crate) async fn ask(&self, text: &str) -> Vec<String> {
        let request =
            SearchRequest { text: text.to_owned(), page: PageNumber::FIRST, verbosity: Verbosity::Plain };
        let results = self.searcher.search(request).await.expect("a search");
        results.hits.into_iter().map(|hit| hit.url.to_string()).collect()
    }
}
