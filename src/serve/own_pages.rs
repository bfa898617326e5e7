//! Our own pages in the store: drawn by the server as for any visitor, parsed as any page, never visited.

use std::time::Duration;

use crawler::parse::parse;
use crawler::parse::parsed::Extent;
use server::app::{App, StoreSlot};
use server::config::Config;
use server::paths;
use server::render::{self, answer::Answer};
use server::screens::words;
use server::search::Searcher;
use shared::gemini::host::CapsuleAddr;
use shared::gemini::media_type::MediaType;
use shared::gemini::url::GeminiUrl;
use shared::store::feed::change;
use shared::store::known::capsule;
use shared::store::known::content::NewContent;
use shared::store::known::page::{self, Text};
use shared::store::{Store, StoreError, StoreOptions};
use tokio::time::sleep;

/// Between two tries while the database is away.
const AGAIN: Duration = Duration::from_secs(10);

/// Puts the pages into the store as soon as it is there. They change with the program or the configuration,
/// so once in a process is enough.
pub(super) async fn keep(config: Config, searcher: Searcher, options: StoreOptions) {
    let app = App::new(&config, searcher, StoreSlot::default());
    let store = Store::lazy(StoreOptions { connections: 1, ..options });
    while let Err(error) = put(&app, config.port, &store).await {
        tracing::debug!(error = &error as &dyn std::error::Error, "our own pages wait for the database");
        sleep(AGAIN).await;
    }
    store.close().await;
}

async fn put(app: &App, port: u16, store: &Store) -> Result<(), StoreError> {
    let addr = CapsuleAddr::new(app.host.clone(), port);
    let pages = [
        (paths::HELP, words::help(app)),
        (paths::ABOUT, words::about(app)),
        (paths::CRAWLER, words::crawler(app)),
        (paths::PRIVACY, words::privacy(app)),
    ];
    for (path, answer) in pages {
        put_one(store, &addr, path, answer).await?;
    }
    tracing::debug!("our own pages are in the store");
    Ok(())
}

async fn put_one(store: &Store, addr: &CapsuleAddr, path: &str, answer: Answer) -> Result<(), StoreError> {
    let drawn = render::gemtext(&Ok(answer));
    let Some(end) = drawn.windows(2).position(|pair| pair == b"\r\n") else { return Ok(()) };
    let body = drawn.get(end + 2..).unwrap_or_default();
    let Ok(url) = GeminiUrl::parse(&format!("gemini://{addr}{path}")) else { return Ok(()) };
    let media_type = MediaType::parse("text/gemini; charset=utf-8; lang=en");
    let parsed = parse(body, Extent::Whole, &media_type, &url);
    let Some(hash) = parsed.content else { return Ok(()) };
    let text = Text {
        content: Some(hash),
        title: parsed.title,
        kind: parsed.kind,
        media_type: media_type.essence().to_owned(),
        language: parsed.language,
        charset: parsed.charset,
        size_bytes: u64::try_from(body.len()).ok(),
        dimensions: None,
        words: parsed.words,
    };
    change::sealed(store, async |tx| {
        let entered = capsule::enter(tx, &[], std::slice::from_ref(addr)).await?;
        let Some(&capsule) = entered.targets.get(addr) else { return Ok(()) };
        let content = NewContent {
            capsule,
            hash,
            source: parsed.source.clone(),
            body: parsed.text.clone(),
            headings: parsed.headings.clone(),
            alt: parsed.alt.clone(),
            art: parsed.art.clone(),
        };
        page::put_own(tx, &url, &text, &content).await.map(drop)
    })
    .await?;
    Ok(())
}
