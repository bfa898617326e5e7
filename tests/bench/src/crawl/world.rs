//! The capsules that are crawled, in a process of their own.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;

use anyhow::Context as _;
use shared::gemini::url::GeminiUrl;
use space::{Capsule, Space};

use crate::corpus::{Dice, word};
use crate::process::Worker;

/// Links of a page.
const LINKS: usize = 12;
/// Words of a page, which with its links make about 3 kB.
const WORDS: usize = 330;

/// Of ten pages so many hold the little words of a language, as seven of ten of 4,143 real pages do; the others are in
/// none that is known, which costs their reader most.
const PLAIN_OF_TEN: usize = 7;
/// The words that make up the third part of any English text.
const LITTLE: [&str; 12] =
    ["the", "of", "and", "to", "that", "it", "is", "with", "for", "was", "this", "you"];
/// Pages by which the cost of parsing is told.
const SAMPLES: usize = 10;

/// How large the world is.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Shape {
    /// Capsules, each at an address of its own.
    #[arg(long)]
    pub capsules: usize,
    /// Pages of all capsules together.
    #[arg(long)]
    pub pages: usize,
}

/// How the world is served.
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    shape: Shape,
}

/// The world as its visitors know it.
pub(super) struct World {
    pub(super) shape: Shape,
    pub(super) routes: BTreeMap<String, SocketAddr>,
    _space: Worker,
}

impl Shape {
    fn host(capsule: usize) -> String {
        format!("c{capsule}.bench.example")
    }

    /// Pages of one capsule.
    const fn pages_of(self, capsule: usize) -> usize {
        self.pages / self.capsules + if capsule < self.pages % self.capsules { 1 } else { 0 }
    }

    fn path(page: usize) -> String {
        if page == 0 { "/".to_owned() } else { format!("/{page}.gmi") }
    }

    /// A page: a heading, prose, and links of which the first lead to pages not linked before.
    fn text(self, capsule: usize, page: usize) -> String {
        let mut dice = Dice::new(((capsule as u64) << 20) + page as u64 + 1);
        let mut text = format!("# {} {}\n\n", word(dice.rank()), word(dice.rank()));
        for number in 1..=WORDS {
            if page % 10 < PLAIN_OF_TEN && number % 3 == 0 {
                text.push_str(LITTLE[number % LITTLE.len()]);
            } else {
                text.push_str(&word(dice.rank()));
            }
            text.push_str(if number % 50 == 0 { ".\n\n" } else { " " });
        }
        text.push('\n');
        let pages = self.pages_of(capsule).max(1);
        for link in 1..=LINKS {
            let to = (page * LINKS + link) % pages;
            text.push_str(&format!("=> {} {}\n", Self::path(to), word(dice.rank())));
        }
        text
    }

    fn urls(self) -> impl Iterator<Item = String> {
        (0..self.capsules).flat_map(move |capsule| {
            let host = Self::host(capsule);
            (0..self.pages_of(capsule)).map(move |page| format!("gemini://{host}{}", Self::path(page)))
        })
    }
}

/// Serves the world until standard input ends.
///
/// # Errors
///
/// When it cannot be started.
pub async fn serve(options: &Serve) -> anyhow::Result<()> {
    let shape = options.shape;
    let mut builder = Space::builder().log_at_most(1);
    for capsule in 0..shape.capsules {
        let pages = (0..shape.pages_of(capsule))
            .fold(Capsule::new(), |served, page| served.page(&Shape::path(page), shape.text(capsule, page)));
        builder = builder.capsule(&Shape::host(capsule), pages);
    }
    let space = builder.start().await?;
    let routes: BTreeMap<String, SocketAddr> = space.routes().into_iter().collect();
    let mut out = std::io::stdout();
    writeln!(out, "{}", serde_json::to_string(&routes)?)?;
    out.flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}

impl World {
    pub(super) fn start(shape: Shape) -> anyhow::Result<Self> {
        let (capsules, pages) = (shape.capsules.to_string(), shape.pages.to_string());
        let arguments = ["crawl-space", "--capsules", &capsules, "--pages", &pages].map(Into::into);
        let (space, line) = Worker::start_telling(arguments)?;
        let routes = serde_json::from_str(&line).context("the space does not tell its routes")?;
        Ok(Self { shape, routes, _space: space })
    }

    /// Every page with the place where it is served.
    pub(super) fn pages(&self) -> anyhow::Result<Vec<(GeminiUrl, SocketAddr)>> {
        let found = self.shape.urls().map(|url| {
            let url = GeminiUrl::parse(&url)?;
            let route = self.routes.get(url.host().as_str()).context("a host without a route")?;
            Ok((url, *route))
        });
        found.collect()
    }

    /// The front page of each capsule.
    pub(super) fn fronts(&self) -> anyhow::Result<Vec<GeminiUrl>> {
        let fronts = (0..self.shape.capsules)
            .map(|capsule| Ok(GeminiUrl::parse(&format!("gemini://{}/", Shape::host(capsule)))?));
        fronts.collect()
    }

    /// Some pages, to be parsed.
    pub(super) fn samples(&self) -> anyhow::Result<Vec<(GeminiUrl, Vec<u8>)>> {
        let sample = |page: usize| {
            let url = GeminiUrl::parse(&format!("gemini://{}{}", Shape::host(0), Shape::path(page)))?;
            Ok((url, self.shape.text(0, page).into_bytes()))
        };
        (0..SAMPLES).map(sample).collect()
    }
}
