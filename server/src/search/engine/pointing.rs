//! Who types a link's label wants to go where it leads.
//!
//! A page that links has the label in its text, in a line of its own, and by that often stands before the very page that
//! it points to. So where one of the first hits has such a line that is the query and little else, and is not called so
//! itself, the best of the shown pages that it links to takes its place, and it comes next: even one that lacks a word,
//! for a label says what its page is about, and often in other words.

use shared::index::analyzer::place_term;
use shared::index::analyzer::words::{Word, words};
use shared::index::document::{StoredPage, link_term};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet as _, TERMINATED, Term};

use super::collect::Listed;
use super::compile::Plan;
use super::reader::Snapshot;

/// Hits that may hand their place on.
const HANDING: usize = 3;
/// Words that a label may have besides those of the query: a date, an author.
const BESIDES: usize = 3;
/// Bytes of a line that may be a label.
const LABEL: usize = 200;

/// The shown pages in the order in which they are shown.
pub(super) fn handed_on(
    snapshot: &Snapshot,
    plan: &Plan,
    mut shown: Vec<(Listed, StoredPage)>,
) -> tantivy::Result<Vec<(Listed, StoredPage)>> {
    if plan.near.is_empty() {
        return Ok(shown);
    }
    for at in 0..HANDING.min(shown.len()) {
        let Some((way, page)) = shown.get(at) else { break };
        if has_all(&words(&page.title), &plan.near) || !has_label(&page.body, &plan.near) {
            continue;
        }
        let mut goal = None;
        for (place, (_, page)) in shown.iter().enumerate().skip(at + 1) {
            if leads(snapshot, way.ranked.address, page)? {
                goal = Some(place);
                break;
            }
        }
        if let Some(goal) = goal {
            let (mut listed, page) = shown.remove(goal);
            // The rest of a site stands behind the last of its pages that are listed.
            if let Some((way, _)) = shown.get_mut(at)
                && way.ranked.facts.site_key == listed.ranked.facts.site_key
            {
                way.more_from_site += std::mem::take(&mut listed.more_from_site);
            }
            shown.insert(at, (listed, page));
        }
    }
    Ok(shown)
}

/// Whether a line of the text is the query and little else.
fn has_label(text: &str, query: &[String]) -> bool {
    text.lines().filter(|line| line.len() <= LABEL).any(|line| {
        let line = words(line);
        line.len() <= query.len() + BESIDES && has_all(&line, query)
    })
}

/// Whether all words of the query are among these.
fn has_all(words: &[Word], query: &[String]) -> bool {
    query.iter().all(|wanted| words.iter().any(|word| place_term(&word.plain) == *wanted))
}

/// Whether a page links to another.
fn leads(snapshot: &Snapshot, from: DocAddress, to: &StoredPage) -> tantivy::Result<bool> {
    let links = snapshot.fields.links;
    let inverted = snapshot.searcher.segment_reader(from.segment_ord).inverted_index(links)?;
    let term = Term::from_field_text(links, link_term(&to.url));
    let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
        return Ok(false);
    };
    if postings.doc() < from.doc_id {
        postings.seek(from.doc_id);
    }
    Ok(postings.doc() != TERMINATED && postings.doc() == from.doc_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_a_line_of_the_query_and_little_else() {
        let check = |text: &str, query: &[&str], expected: bool| {
            let query: Vec<String> = query.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(has_label(text, &query), expected, "{text}");
        };
        check("My capsule\n2020-11-01 What is Gemini?\n", &["what", "is", "gemini"], true);
        check("My capsule\nWhat is Gemini", &["gemini", "capsule"], false);
        check("I was asked what is gemini and had no good answer", &["what", "is", "gemini"], false);
        check("Rückblick: Café", &["cafe"], true);
        check("", &["cafe"], false);
    }
}
