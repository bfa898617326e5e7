//! `sextant search`: results in the terminal, straight from the index. No database and no server is needed.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use server::search::results::{Hit, Results, Role};
use server::search::{PageNumber, SearchConfig, SearchRequest, Searcher, Verbosity};
use shared::process::told;

use crate::life::identity;
use crate::settings::Settings;

/// A person waits for this command alone: it may take longer than a search on a server.
const BUDGET: Duration = Duration::from_secs(10);

/// Search from the terminal
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to search for, in the language of the search box
    #[arg(required = true, value_name = "WORDS", allow_hyphen_values = true, trailing_var_arg = true)]
    words: Vec<String>,
    /// Which page of the results
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// Say why each page stands where it stands
    #[arg(long)]
    explain: bool,
}

/// How text is marked: on a terminal, not in a pipe.
struct Ink {
    title: &'static str,
    place: &'static str,
    matched: &'static str,
    end: &'static str,
}

const COLOURS: Ink = Ink { title: "\x1b[1m", place: "\x1b[36m", matched: "\x1b[1;33m", end: "\x1b[0m" };
const PLAIN: Ink = Ink { title: "", place: "", matched: "", end: "" };

/// Searches and prints.
pub(crate) async fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let places = settings.places();
    identity::follow_owner(places.state())?;
    let config = SearchConfig { threads: 1, budget: BUDGET, ..SearchConfig::default() };
    let searcher = Searcher::open(&places.index(), config);
    let request = SearchRequest {
        page: PageNumber::new(arguments.page).unwrap_or(PageNumber::FIRST),
        verbosity: if arguments.explain { Verbosity::Explained } else { Verbosity::Plain },
        ..SearchRequest::new(arguments.words.join(" "))
    };
    let results = searcher.search(request).await?;
    let ink = if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        COLOURS
    } else {
        PLAIN
    };
    std::io::stdout().write_all(shown(&results, &ink).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Titles, snippets and URLs hold no control characters: they are safe on a terminal.
fn shown(results: &Results, ink: &Ink) -> String {
    let mut text = String::new();
    let first = (results.page.get() as usize - 1) * server::search::HITS_PER_PAGE + 1;
    for (number, hit) in (first..).zip(&results.hits) {
        show_hit(&mut text, number, hit, ink);
    }
    for note in &results.notes {
        // Writing into a string cannot fail.
        let _written = writeln!(text, "{note}");
    }
    if let Some(relaxed) = &results.relaxed {
        let _written = writeln!(text, "{relaxed}");
    }
    let pages = match results.total {
        0 => "Nothing was found".to_owned(),
        total => told::count(total, "page", "pages"),
    };
    let (page, last) = (results.page.get(), results.last_page.get());
    let _written = writeln!(text, "{pages} in {} ms, page {page} of {last}", results.elapsed.as_millis());
    text
}

fn show_hit(text: &mut String, number: usize, hit: &Hit, ink: &Ink) {
    let Ink { title, place, matched, end } = ink;
    let _written = writeln!(text, "{number}. {title}{}{end}", hit.title);
    let _written = writeln!(text, "   {place}{}{end}", hit.url);
    let snippet: String = hit
        .snippet
        .0
        .iter()
        .map(|span| match span.role {
            Role::Plain => span.text.clone(),
            Role::Match => format!("{matched}{}{end}", span.text),
        })
        .collect();
    if !snippet.is_empty() {
        let _written = writeln!(text, "   {snippet}");
    }
    if hit.more_from_site != 0 {
        let _written = writeln!(text, "   {} more from {}", hit.more_from_site, hit.site);
    }
    if let Some(explanation) = &hit.explanation {
        let _written = writeln!(text, "   score {:.3}", hit.score);
        for factor in &explanation.terms {
            let _written = writeln!(text, "     {:>9.3}  {}: {}", factor.value, factor.name, factor.meaning);
        }
    }
    text.push('\n');
}
