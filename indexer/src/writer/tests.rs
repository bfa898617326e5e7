use super::*;

use chrono::DateTime;
use shared::gemini::kind::Kind;
use shared::gemini::text::{OneLine, PageText};
use shared::index::columns::Columns;
use shared::index::generation::IndexFolder;
use shared::store::id::{ChangeId, ContentHash};
use tantivy::ReloadPolicy;
use tantivy::indexer::NoMergePolicy;

fn page(number: i64, words: &str) -> Document {
    let url = GeminiUrl::parse(&format!("gemini://a.example/{number}")).unwrap();
    Document {
        page: PageId(number),
        change: ChangeId(number),
        site: url.site(),
        url,
        title: OneLine::new(words),
        headings: vec![],
        body: PageText::new(words.to_owned()),
        own_labels: Vec::new(),
        anchors: vec![],
        alt: vec![],
        art: PageText::default(),
        media_type: "text/gemini".to_owned(),
        kind: Kind::Page,
        language: None,
        charset: None,
        size_bytes: None,
        dimensions: None,
        first_seen: DateTime::UNIX_EPOCH,
        changed: DateTime::UNIX_EPOCH,
        links: vec![],
        content: Some(ContentHash([1; 32])),
    }
}

/// How often each page is in the index.
fn pages(generation: &Generation) -> Vec<PageId> {
    let builder = generation.open().unwrap().reader_builder().reload_policy(ReloadPolicy::Manual);
    let reader: IndexReader = builder.try_into().unwrap();
    let fields = Fields::new();
    let mut pages = Vec::new();
    for segment in reader.searcher().segment_readers() {
        let columns = Columns::open(segment, &fields).unwrap();
        pages.extend(segment.doc_ids_alive().map(|doc| columns.line(doc).page));
    }
    pages.sort_unstable();
    pages
}

/// What a kill leaves behind when it falls into the merge after a commit: five small segments that are to
/// be merged, one of them with deletions of that very commit.
fn killed_before_its_merge(generation: &Generation) {
    let fields = Fields::new();
    let mut writer: IndexWriter = generation.open().unwrap().writer_with_num_threads(1, 16_000_000).unwrap();
    writer.set_merge_policy(Box::new(NoMergePolicy));
    for segment in 0..5 {
        for number in 3 * segment..3 * segment + 3 {
            writer.add_document(document::to_tantivy(&fields, &page(number, "first"))).unwrap();
        }
        writer.commit().unwrap();
    }
    writer.delete_term(fields.page_term(PageId(14)));
    writer.commit().unwrap();
    writer.wait_merging_threads().unwrap();
}

/// tantivy numbers its operations on from the last commit, whose own number the first one would get again:
/// a merge up to that commit then takes it for done in the segment that the commit had deleted from, does it
/// in the others, and goes on after it, so that the page that it replaces stands there twice.
#[test]
fn a_page_replaced_first_after_a_kill_is_there_once() {
    // The order of a merge's segments is a throw of dice, and about half of the orders show it.
    (0..12).for_each(|_round| replace_first_after_a_kill());
}

fn replace_first_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let right = WriterLock::take(folder.path()).unwrap();
    let generation = IndexFolder::create(folder.path()).unwrap().begin(DateTime::UNIX_EPOCH).unwrap();
    generation.create().unwrap();
    killed_before_its_merge(&generation);

    let mut writer = Writer::open(&right, &generation, 16_000_000).unwrap();
    writer.apply(Operation::Put(Box::new(page(13, "second")))).unwrap();
    writer.commit().unwrap();
    writer.close().unwrap();

    assert_eq!(pages(&generation), (0..14).map(PageId).collect::<Vec<_>>());
}
