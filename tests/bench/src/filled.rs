//! A store with a whole corpus in it, written as the crawl writes: batches that get their change numbers
//! when they are sealed.

use std::collections::HashMap;
use std::time::Duration;

use shared::gemini::url::GeminiUrl;
use shared::store::feed::change::sealed;
use shared::store::id::{CapsuleId, PageId};
use shared::store::known::content::NewContent;
use shared::store::known::link::NewLink;
use shared::store::known::page::{NewPage, PageAfter, Shown, Standing, Text};
use shared::store::known::{capsule, content, link, page};
use shared::store::outcome::Outcome;
use shared::store::page_tx::PageTx;
use shared::store::{Store, StoreError};

use crate::corpus::Corpus;

/// Pages in one transaction.
const BATCH: u64 = 500;

type Places = HashMap<GeminiUrl, (CapsuleId, PageId)>;

/// Writes the whole corpus: first every page's place, so that all links lead somewhere, then texts and links.
///
/// # Errors
///
/// When the database fails.
pub async fn fill(store: &Store, corpus: Corpus) -> Result<(), StoreError> {
    let mut places = Places::new();
    for batch in batches(corpus) {
        let (found, _) = sealed(store, async |tx| discover(tx, corpus, batch.clone()).await).await?;
        places.extend(found);
    }
    for batch in batches(corpus) {
        sealed(store, async |tx| write(tx, corpus, batch.clone(), &places).await).await?;
    }
    Ok(())
}

fn batches(corpus: Corpus) -> impl Iterator<Item = std::ops::Range<u64>> {
    let starts = (0..corpus.pages()).step_by(BATCH as usize);
    starts.map(move |start| start..(start + BATCH).min(corpus.pages()))
}

async fn discover(
    tx: &mut PageTx,
    corpus: Corpus,
    batch: std::ops::Range<u64>,
) -> Result<Places, StoreError> {
    let urls: Vec<GeminiUrl> = batch.map(|page| corpus.url(page)).collect();
    let targets: Vec<_> = urls.iter().map(|url| url.capsule().clone()).collect();
    let entered = capsule::enter(tx, &[], &targets).await?;
    let new: Vec<NewPage> = urls
        .into_iter()
        .filter_map(|url| Some(NewPage { capsule: *entered.targets.get(url.capsule())?, url, hops: 0 }))
        .collect();
    page::discover(tx, &new).await
}

async fn write(
    tx: &mut PageTx,
    corpus: Corpus,
    batch: std::ops::Range<u64>,
    places: &Places,
) -> Result<(), StoreError> {
    let (mut contents, mut after, mut froms, mut links) = (vec![], vec![], vec![], vec![]);
    for number in batch {
        let Some(&place) = places.get(&corpus.url(number)) else { continue };
        let (capsule, id) = place;
        let document = corpus.document(number, (id, shared::store::id::ChangeId::START));
        froms.push(place);
        links.extend(corpus.links(number).filter_map(|(to, label)| {
            Some(NewLink { from: place, to: *places.get(&corpus.url(to))?, label })
        }));
        after.push(after_a_visit(place, &document));
        let Some(hash) = document.content else { continue };
        contents.push(NewContent {
            capsule,
            hash,
            source: document.body.clone(),
            body: document.body,
            headings: document.headings,
            alt: document.alt,
            art: document.art,
        });
    }
    let capsules: Vec<_> = contents.iter().map(|content| content.capsule).collect();
    capsule::wake(tx, &capsules).await?;
    content::keep(tx, &contents).await?;
    page::settle(tx, &after).await?;
    link::replace(tx, &froms, &links).await
}

fn after_a_visit(
    (capsule, page): (CapsuleId, PageId),
    document: &shared::index::document::Document,
) -> PageAfter {
    PageAfter {
        capsule,
        page,
        was: Standing::Unseen,
        outcome: Outcome::Fetched,
        due_in: None,
        interval: Duration::ZERO,
        failures: 0,
        moved_to: None,
        served: None,
        links: page::LinksAfter::Kept,
        shown: Shown::Text(Box::new(Text {
            content: document.content,
            title: document.title.clone(),
            kind: document.kind,
            media_type: document.media_type.clone(),
            language: document.language.clone(),
            charset: document.charset.clone(),
            size_bytes: document.size_bytes,
            dimensions: None,
            words: None,
        })),
    }
}
