//! `deploy/bench relevance DIR`: how well a collection with judgments is ranked.
//!
//! DIR holds `docs.jsonl` (id, title, text), `queries.tsv` (id, text) and `qrels.tsv` (query, document, gain),
//! packed with gzip or not. Each document becomes a page on a capsule of its own, for a list has two of a
//! site: parsed as a visit would, kept in the store, read from its feed by the real indexer. Each query goes
//! through the real search.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use crawler::parse::parse;
use crawler::parse::parsed::Extent;
use shared::gemini::media_type::MediaType;
use shared::gemini::url::GeminiUrl;
use shared::store::cluster::scratch;
use shared::store::feed::change::sealed;
use shared::store::known::capsule;
use shared::store::known::content::NewContent;
use shared::store::known::page::{self, Text};
use shared::store::{Store, StoreError};

use crate::engine::Engine;
use crate::quality::asked::{Run, ask, searcher};
use crate::quality::files::{judgments, table, tell, text};
use crate::quality::measure::Measured;
use crate::report::Report;

/// Documents in one transaction.
const BATCH: usize = 200;

/// How the bench is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder with docs.jsonl, queries.tsv and qrels.tsv, each also as .gz
    directory: PathBuf,
    /// Write the results here: query id, document id, score
    #[arg(long)]
    run: Option<PathBuf>,
}

/// Runs the bench.
///
/// # Errors
///
/// When the collection cannot be read or the search fails.
pub async fn run(options: &Options) -> anyhow::Result<Report> {
    let (measured, run) = measure(&options.directory).await?;
    if let Some(path) = &options.run {
        run.write(path)?;
    }
    tell(&measured.to_string());
    let mut report = Report::default();
    report.measured("ndcg_at_10", measured.ndcg);
    report.measured("mrr_at_10", measured.mrr);
    report.measured("recall_at_100", measured.recall);
    report.figure("queries", measured.queries);
    Ok(report)
}

/// Indexes the collection in `folder` and asks all its queries that have judgments.
///
/// # Errors
///
/// As [`run`].
pub async fn measure(folder: &Path) -> anyhow::Result<(Measured, Run)> {
    let documents = documents(folder)?;
    let (_, judgments) = judgments(folder)?;
    let scratch = scratch::try_database().await?;
    tell(&format!("{} documents into the store and the index ...", documents.len()));
    put(&scratch.store(), &documents).await?;
    let mut engine = Engine::index_only(scratch.store()).await;
    engine.until_all_is_indexed().await;

    let names: HashMap<GeminiUrl, &str> = (0..)
        .zip(&documents)
        .map(|(number, document)| Ok((url(number)?, document.id.as_str())))
        .collect::<anyhow::Result<_>>()?;
    let name = |url: &GeminiUrl| names.get(url).copied().unwrap_or(url.as_str()).to_owned();
    let searcher = searcher(&engine.index_folder());
    let (mut measured, mut run) = (Measured::default(), Run::default());
    for row in table(folder, "queries.tsv")? {
        let [id, words, ..] = &row[..] else { continue };
        let Some(gains) = judgments.get(id) else { continue };
        let found = ask(&searcher, words, name).await?;
        measured.add(&found, gains);
        run.add(id, &found);
    }
    engine.stop().await;
    ensure!(measured.queries > 0, "no query of {} has a judgment", folder.display());
    Ok((measured, run))
}

/// A document of a collection.
struct Document {
    id: String,
    title: String,
    text: String,
}

fn documents(folder: &Path) -> anyhow::Result<Vec<Document>> {
    let lines = text(folder, "docs.jsonl")?;
    let lines = lines.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let value: serde_json::Value =
                serde_json::from_str(line).with_context(|| format!("a document is no JSON: {line:.80}"))?;
            let field = |name: &str| match &value[name] {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Null => String::new(),
                other => other.to_string(),
            };
            Ok(Document { id: field("id"), title: field("title"), text: field("text") })
        })
        .collect()
}

fn url(number: usize) -> anyhow::Result<GeminiUrl> {
    Ok(GeminiUrl::parse(&format!("gemini://d{number}.example/"))?)
}

/// The document as a page: its title as a heading, and no line of its text taken for anything but text.
fn gemtext(document: &Document) -> String {
    let mut page = String::new();
    if !document.title.trim().is_empty() {
        page.push_str(&format!("# {}\n\n", document.title.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    for line in document.text.lines() {
        if line.starts_with(['#', '>', '*', '=', '`']) {
            page.push(' ');
        }
        page.push_str(line);
        page.push('\n');
    }
    page
}

async fn put(store: &Store, documents: &[Document]) -> anyhow::Result<()> {
    let media_type = MediaType::parse("text/gemini");
    for (batch, chunk) in documents.chunks(BATCH).enumerate() {
        let pages: Vec<_> = (batch * BATCH..)
            .zip(chunk)
            .map(|(number, document)| {
                let url = url(number)?;
                let parsed = parse(gemtext(document).as_bytes(), Extent::Whole, &media_type, &url);
                Ok((url, parsed))
            })
            .collect::<anyhow::Result<_>>()?;
        let capsules: Vec<_> = pages.iter().map(|(url, _)| url.capsule().clone()).collect();
        sealed(store, async |tx| -> Result<(), StoreError> {
            let entered = capsule::enter(tx, &[], &capsules).await?;
            for (url, parsed) in &pages {
                let (Some(&capsule), Some(hash)) = (entered.targets.get(url.capsule()), parsed.content)
                else {
                    continue;
                };
                let text = Text {
                    content: Some(hash),
                    title: parsed.title.clone(),
                    kind: parsed.kind,
                    media_type: media_type.essence().to_owned(),
                    language: parsed.language.clone(),
                    charset: parsed.charset.clone(),
                    size_bytes: u64::try_from(parsed.source.len()).ok(),
                    dimensions: None,
                    words: parsed.words,
                };
                let content = NewContent {
                    capsule,
                    hash,
                    source: parsed.source.clone(),
                    body: parsed.text.clone(),
                    headings: parsed.headings.clone(),
                    alt: parsed.alt.clone(),
                    art: parsed.art.clone(),
                };
                page::put_own(tx, url, &text, &content).await?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(())
}
