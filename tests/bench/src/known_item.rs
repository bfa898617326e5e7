//! `deploy/bench known-item CAPSULES QUERIES`: how well known pages of real capsules are found.
//!
//! CAPSULES is a folder of `<host>/<path>`, or the archive of one. It is served by the simulated space and
//! crawled, indexed and searched by the product itself. QUERIES is the folder of `queries.tsv` (query, answer,
//! kind, source ...) and `qrels.tsv` (`kind:line`, answer, gain). Where a query is the label of a link, the
//! label of just that link is taken out of the store between crawl and index: the page that it stands on
//! keeps its text, the answer must be found without it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use server::search::Searcher;
use shared::gemini::request::decode_query;
use shared::gemini::url::GeminiUrl;
use shared::store::cluster::scratch::{self, Scratch};
use space::Space;
use sqlx::Connection as _;
use tempfile::TempDir;

use crate::engine::{Engine, crawl_whole};
use crate::quality::asked::{Run, ask, searcher};
use crate::quality::files::{judgments, table, tell};
use crate::quality::measure::{Gains, Measured};
use crate::report::Report;

/// Names of a folder's own page.
const INDEXES: [&str; 2] = ["index.gmi", "index.gemini"];

/// How the bench is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder of capsules as `<host>/<path>`, or a .tar.gz of one
    capsules: PathBuf,
    /// Folder with queries.tsv and qrels.tsv
    queries: PathBuf,
    /// Write the results here: query id, URL, score
    #[arg(long)]
    run: Option<PathBuf>,
}

/// A query with its one answer.
#[derive(Clone, Debug)]
pub struct Query {
    /// `kind:line`, as the judgments name it.
    pub id: String,
    /// What is typed.
    pub words: String,
    /// `title`, `body`, `anchor-local`, `anchor-cross`.
    pub kind: String,
    /// The page that is wanted; an index page is written as its folder.
    pub answer: String,
    /// Where the words stand as a label, for the anchor kinds.
    pub source: Option<String>,
}

/// What came of the queries of each kind.
pub type Kinds = BTreeMap<String, Measured>;

/// Runs the bench.
///
/// # Errors
///
/// When the data cannot be read or the search fails.
pub async fn run(options: &Options) -> anyhow::Result<Report> {
    let queries = queries(&options.queries)?;
    let capsules = unpacked(&options.capsules)?;
    let (kinds, run) = measure(capsules.path(), &queries).await?;
    if let Some(path) = &options.run {
        run.write(path)?;
    }
    let mut report = Report::default();
    for (kind, measured) in &kinds {
        tell(&format!("{kind}: {measured}"));
        report.measured(&format!("mrr_at_10_{}", kind.replace('-', "_")), measured.mrr);
    }
    report.measured("mrr_at_10", overall(&kinds));
    report.figure("queries", kinds.values().map(|kind| kind.queries).sum::<u32>());
    Ok(report)
}

/// The mean MRR@10 over all queries.
#[must_use]
pub fn overall(kinds: &Kinds) -> f64 {
    let sum: f64 = kinds.values().map(|kind| kind.mrr * f64::from(kind.queries)).sum();
    sum / f64::from(kinds.values().map(|kind| kind.queries).sum::<u32>().max(1))
}

/// The queries in a folder (or of a `queries.tsv`, whose folder it is).
///
/// # Errors
///
/// When they cannot be read.
pub fn queries(folder: &Path) -> anyhow::Result<Vec<Query>> {
    let folder = if folder.is_file() { folder.parent().unwrap_or(folder) } else { folder };
    let rows = table(folder, "queries.tsv")?;
    let has_header = rows.first().and_then(|row| row.first()).is_some_and(|first| first == "query");
    let rows = rows.into_iter().skip(usize::from(has_header));
    // Line 1 is the first query.
    let queries: Vec<Query> = (1..)
        .zip(rows)
        .filter_map(|(line, row)| {
            let [words, answer, kind, rest @ ..] = &row[..] else { return None };
            let source = rest.first().filter(|source| kind.starts_with("anchor") && !source.is_empty());
            let (words, answer, kind) = (words.clone(), answer.clone(), kind.clone());
            Some(Query { id: format!("{kind}:{line}"), words, kind, answer, source: source.cloned() })
        })
        .collect();
    let (_, judgments) = judgments(folder)?;
    let agrees =
        |query: &Query| judgments.get(&query.id).is_some_and(|gains| gains.contains_key(&query.answer));
    let agreeing: Vec<Query> = queries.into_iter().filter(agrees).collect();
    ensure!(!agreeing.is_empty(), "no query of {} has its answer in qrels.tsv", folder.display());
    Ok(agreeing)
}

/// Crawls and indexes a folder of capsules, and asks the queries.
///
/// # Errors
///
/// As [`run`].
pub async fn measure(capsules: &Path, queries: &[Query]) -> anyhow::Result<(Kinds, Run)> {
    let space = Space::builder().folder(capsules).start().await.context("the capsules cannot be served")?;
    let scratch = scratch::try_database().await?;
    tell("crawling ...");
    // Also what no link leads to: it is the search that is measured, not the crawl.
    crawl_whole(&scratch.store(), &space, pages(capsules)?).await;
    leave_labels_out(&scratch, queries).await?;
    tell("indexing ...");
    let mut engine = Engine::index_only(scratch.store()).await;
    engine.until_all_is_ranked().await;
    tell("searching ...");
    let searcher = searcher(&engine.index_folder());
    let found = ask_all(&searcher, queries, capsules).await?;
    engine.stop().await;
    Ok(found)
}

/// Asks these queries of an index that there is, made of these capsules.
///
/// # Errors
///
/// When the search fails.
pub async fn ask_all(
    searcher: &Searcher,
    queries: &[Query],
    capsules: &Path,
) -> anyhow::Result<(Kinds, Run)> {
    let (mut kinds, mut run) = (Kinds::new(), Run::default());
    for query in queries {
        let found = ask(searcher, &query.words, |url| as_judged(url, capsules)).await?;
        kinds.entry(query.kind.clone()).or_default().add(&found, &Gains::from([(query.answer.clone(), 1.0)]));
        run.add(&query.id, &found);
    }
    Ok((kinds, run))
}

/// A URL as the judgments write it: an index page as its folder, a page served without its ending with it.
fn as_judged(url: &GeminiUrl, capsules: &Path) -> String {
    let text = url.as_str();
    let folder =
        INDEXES.into_iter().find_map(|name| text.strip_suffix(name).filter(|folder| folder.ends_with('/')));
    if let Some(folder) = folder {
        return folder.to_owned();
    }
    let file = capsules.join(url.host().as_str()).join(decode_query(url.path().trim_start_matches('/')));
    let ended = PathBuf::from(format!("{}.gmi", file.display()));
    if !text.ends_with('/') && !file.exists() && ended.is_file() {
        format!("{text}.gmi")
    } else {
        text.to_owned()
    }
}

/// Every page of the capsules, an index page as its folder.
fn pages(capsules: &Path) -> anyhow::Result<BTreeSet<GeminiUrl>> {
    let mut pages = BTreeSet::new();
    let mut folders = vec![capsules.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "gmi" || ending == "gemini") {
                let place = path.strip_prefix(capsules)?.to_string_lossy().into_owned();
                let place = encode_path(&place);
                let place = INDEXES.into_iter().find_map(|name| place.strip_suffix(name)).unwrap_or(&place);
                // A name that no URL can have is no page.
                pages.extend(GeminiUrl::parse(&format!("gemini://{place}")));
            }
        }
    }
    Ok(pages)
}

/// A file's path in a URL: the signs that end a path or begin an escape are escaped.
fn encode_path(place: &str) -> String {
    place.replace('%', "%25").replace('?', "%3F").replace('#', "%23")
}

/// Takes the labels of the queries' own links out of the store: those from the source (under any of its URLs,
/// known by its text) to the answer (under any of its URLs, or one that moved there).
async fn leave_labels_out(scratch: &Scratch, queries: &[Query]) -> anyhow::Result<()> {
    let pairs: Vec<(GeminiUrl, GeminiUrl)> = queries
        .iter()
        .filter_map(|query| Some((query.source.as_deref()?, query.answer.as_str())))
        .map(|(source, answer)| Ok((GeminiUrl::parse(source)?, GeminiUrl::parse(answer)?)))
        .collect::<anyhow::Result<_>>()?;
    let hosts = |urls: Vec<&GeminiUrl>| urls.iter().map(|url| url.host().to_string()).collect::<Vec<_>>();
    let paths = |urls: Vec<&GeminiUrl>| urls.iter().map(|url| url.path().to_owned()).collect::<Vec<_>>();
    let sources = || pairs.iter().map(|(source, _)| source).collect();
    let answers = || pairs.iter().map(|(_, answer)| answer).collect();
    let mut connection = sqlx::PgConnection::connect_with(&scratch.options()).await?;
    sqlx::query(
        "with at as (
             select c.host, p.path, p.capsule, p.id, p.content, p.moved_to,
                    regexp_replace(p.path, '/index[.](gmi|gemini)$', '/') as folder
             from page p join capsule c on c.id = p.capsule
         ),
         pair as (
             select s.capsule as from_capsule, s.id as from_page, t.capsule as to_capsule, t.id as to_page
             from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as q (source_host, source, answer_host, answer)
             join at source on (source.host, source.folder) = (q.source_host, q.source)
             join page s on s.capsule = source.capsule
                        and (s.id = source.id or s.content = source.content)
             join at answer on (answer.host, answer.folder) = (q.answer_host, q.answer)
             join page t on t.id = answer.id or t.moved_to = answer.id
                         or t.capsule = answer.capsule and t.content = answer.content
         )
         update link l set label = '' from pair
         where (l.from_capsule, l.from_page, l.to_capsule, l.to_page)
             = (pair.from_capsule, pair.from_page, pair.to_capsule, pair.to_page)",
    )
    .bind(hosts(sources()))
    .bind(paths(sources()))
    .bind(hosts(answers()))
    .bind(paths(answers()))
    .execute(&mut connection)
    .await
    .context("the queries' own labels cannot be left out")?;
    connection.close().await?;
    Ok(())
}

/// A folder of capsules, unpacked where it is an archive.
#[derive(Debug)]
pub enum Capsules {
    /// As it is.
    Folder(PathBuf),
    /// Removed again when this is dropped.
    Unpacked(TempDir),
}

impl Capsules {
    /// Where they are.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Folder(path) => path,
            Self::Unpacked(folder) => folder.path(),
        }
    }
}

/// The capsules at a path: the archive is unpacked, also where the folder holds nothing but it.
///
/// # Errors
///
/// When there is nothing, or it cannot be unpacked.
pub fn unpacked(path: &Path) -> anyhow::Result<Capsules> {
    let inside = path.join("capsules.tar.gz");
    let archive = if inside.is_file() { inside.as_path() } else { path };
    if archive.is_dir() {
        return Ok(Capsules::Folder(archive.to_owned()));
    }
    ensure!(archive.is_file(), "there is no folder of capsules at {}", path.display());
    let folder = tempfile::tempdir()?;
    let tar = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(folder.path()).status();
    ensure!(tar.context("tar cannot be run")?.success(), "cannot unpack {}", archive.display());
    Ok(Capsules::Unpacked(folder))
}
