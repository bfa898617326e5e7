//! Runs the queries of a collection and measures the answers.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::path::Path;

use shared::gemini::gemtext::{Line, lines};
use shared::gemini::media_type::Language;
use shared::gemini::text::OneLine;
use shared::gemini::url::{GeminiUrl, LinkTarget};
use shared::index::document::Document;

use crate::data::{folder, table, unpacked};
use crate::index::{Index, document};

/// Means over all queries.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Measured {
    pub(crate) ndcg: f32,
    pub(crate) mrr: f32,
    pub(crate) queries: u32,
}

impl Measured {
    fn add(&mut self, found: &[String], gains: &HashMap<String, f32>) {
        let discount = |rank: usize| 1.0 / (rank as f32 + 2.0).log2();
        let gain = |url: &String| gains.get(url).copied().unwrap_or(0.0);
        let reached: f32 = found.iter().enumerate().map(|(rank, url)| gain(url) * discount(rank)).sum();
        let mut best: Vec<f32> = gains.values().copied().collect();
        best.sort_by(|left, right| right.total_cmp(left));
        let ideal: f32 = best.iter().take(10).enumerate().map(|(rank, gain)| gain * discount(rank)).sum();
        let first = found.iter().position(|url| gain(url) > 0.0);
        let old = self.queries as f32;
        let mean = |mean: f32, new: f32| (mean * old + new) / (old + 1.0);
        self.ndcg = mean(self.ndcg, if ideal > 0.0 { reached / ideal } else { 0.0 });
        self.mrr = mean(self.mrr, first.map_or(0.0, |rank| 1.0 / (rank as f32 + 1.0)));
        self.queries += 1;
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nDCG@10 {:.4}, MRR@10 {:.4}, {} queries", self.ndcg, self.mrr, self.queries)
    }
}

/// A collection of abstracts with queries and judgments.
pub(crate) async fn collection(name: &str) -> Option<Measured> {
    let folder = folder(&format!("relevance/{name}"))?;
    // Each document is a site of its own: the list holds two of a site.
    let url = |id: &str| format!("gemini://d{id}.example/d");
    let documents = unpacked(&folder.join("docs.jsonl.gz"))
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).expect("a document");
            let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
            document(&url(&field("id")), &field("title"), &field("text"))
        })
        .collect();
    let index = Index::of(documents);
    let mut gains: HashMap<String, HashMap<String, f32>> = HashMap::new();
    for row in table(&folder.join("qrels.tsv")) {
        let gain = row[2].parse().expect("a gain");
        gains.entry(row[0].clone()).or_default().insert(url(&row[1]), gain);
    }
    let mut measured = Measured::default();
    for row in table(&folder.join("queries.tsv")) {
        if let Some(gains) = gains.get(&row[0]) {
            measured.add(&index.ask(&row[1]).await, gains);
        }
    }
    println!("{name}: {measured}");
    Some(measured)
}

/// Real capsules, with queries that have one answer each.
pub(crate) async fn known_items() -> Option<BTreeMap<String, Measured>> {
    let packed = folder("capsules")?.join("capsules.tar.gz");
    let queries = table(&folder("known-item")?.join("queries.tsv"));
    let temp = tempfile::tempdir().expect("a temporary folder");
    let unpacked = std::process::Command::new("tar")
        .arg("-xzf")
        .arg(&packed)
        .arg("-C")
        .arg(temp.path())
        .status()
        .expect("tar is on every machine");
    assert!(unpacked.success(), "cannot unpack {}", packed.display());
    // The label of a query must not lead to its own answer from the page it was taken from.
    let taken: HashSet<(String, String)> =
        queries.iter().skip(1).map(|row| (row[3].clone(), row[1].clone())).collect();
    let index = Index::of(capsules(temp.path(), &taken));
    let mut kinds: BTreeMap<String, Measured> = BTreeMap::new();
    // Every fourth query tells as much and keeps the test short.
    for row in queries.iter().skip(1).step_by(4) {
        let gains = HashMap::from([(row[1].clone(), 1.0)]);
        kinds.entry(row[2].clone()).or_default().add(&index.ask(&row[0]).await, &gains);
    }
    for (kind, measured) in &kinds {
        println!("{kind}: {measured}");
    }
    Some(kinds)
}

fn capsules(root: &Path, taken: &HashSet<(String, String)>) -> Vec<Document> {
    let mut documents = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "gmi" || extension == "gemini") {
                documents.extend(page(root, &path));
            }
        }
    }
    let mut labels: HashMap<String, Vec<OneLine>> = HashMap::new();
    for document in &documents {
        for (target, label) in links(document) {
            if !taken.contains(&(document.url.to_string(), target.clone())) {
                labels.entry(target).or_default().push(label);
            }
        }
    }
    for document in &mut documents {
        document.anchors = labels.remove(document.url.as_str()).unwrap_or_default();
    }
    documents
}

fn page(root: &Path, path: &Path) -> Option<Document> {
    let place = path.strip_prefix(root).ok()?.to_str()?;
    let place = place.strip_suffix("index.gmi").or(place.strip_suffix("index.gemini")).unwrap_or(place);
    let text = std::fs::read_to_string(path).ok()?;
    let headings: Vec<OneLine> = lines(&text)
        .filter_map(|line| match line {
            Line::Heading { text, .. } => Some(OneLine::new(text)),
            _ => None,
        })
        .collect();
    let title = headings.first().cloned().unwrap_or_default();
    let url = GeminiUrl::parse(&format!("gemini://{place}")).ok()?;
    let mut document = document(url.as_str(), &title, &text);
    document.headings = headings;
    document.language = whatlang_code(&text);
    Some(document)
}

/// The language by the letters of the text: enough to send Russian and Greek through their own stemmers.
fn whatlang_code(text: &str) -> Option<Language> {
    let count = |words: &[&str]| words.iter().map(|word| text.matches(&format!(" {word} ")).count()).sum();
    let counts: [(&str, usize); 5] = [
        ("en", count(&["the", "and", "of", "is"])),
        ("de", count(&["der", "und", "die", "ist"])),
        ("fr", count(&["le", "et", "les", "est"])),
        ("es", count(&["el", "y", "los", "es"])),
        ("ru", count(&["и", "в", "на", "не"])),
    ];
    counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .filter(|(_, count)| *count > 3)
        .map(|(code, _)| Language::parse(code))
}

fn links(document: &Document) -> Vec<(String, OneLine)> {
    lines(&document.body)
        .filter_map(|line| match line {
            Line::Link { target, label: Some(label) } => match document.url.join(target) {
                Ok(LinkTarget::Gemini(url)) => Some((url.to_string(), OneLine::new(label))),
                Ok(LinkTarget::Foreign(_)) | Err(_) => None,
            },
            _ => None,
        })
        .collect()
}
