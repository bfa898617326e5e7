//! Figures of Geminispace as it is known here, and how they came about.

use chrono::NaiveDate;
use shared::store::known::statistic::{self, Day};
use shared::store::outcome::Outcome;

use crate::app::App;
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::language;
use crate::render::phrase::{self, grouped};
use crate::render::plot::Plot;
use crate::render::problem::Problem;
use crate::screens::sheet::{Block, Entry, Sheet};

/// Days of a trend.
const DAYS: i32 = 90;
/// Rows of a list of languages or types.
const MOST: usize = 15;

/// What is drawn over time, and its name.
const TRENDS: [(&str, &str); 3] = [
    ("pages.searchable", "Pages that can be found"),
    ("capsules.answering", "Capsules that answer"),
    ("requests", "Requests sent"),
];

/// A figure over days.
pub type Series = Vec<(NaiveDate, u64)>;

/// Shows the figures.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App) -> Result<Answer, Problem> {
    let (latest, trends) = app
        .store()?
        .read(async |c| {
            let latest = statistic::latest(c).await?;
            let mut trends = Vec::new();
            for (name, _) in TRENDS {
                trends.push(statistic::trend(c, name, DAYS).await?);
            }
            Ok((latest, trends))
        })
        .await?;
    Ok(shown(latest.as_ref(), trends).answer())
}

/// The sheet of figures; `trends` in the order of the trends' names.
#[must_use]
pub fn shown(latest: Option<&Day>, trends: Vec<Series>) -> Sheet {
    let Some(latest) = latest else {
        return Sheet::new(
            "Statistics",
            "Nothing has been counted yet; the first figures come with the crawl.",
        );
    };
    let figure = |name: &str| latest.figures.get(name).copied().unwrap_or_default();
    let lead = format!(
        "{} can be found on {}, as counted on {}.",
        phrase::count(figure("pages.searchable"), "page", "pages"),
        phrase::count(figure("capsules.answering"), "capsule", "capsules"),
        latest.day
    );
    let overview = [
        ("Pages that can be found", grouped(figure("pages.searchable"))),
        ("Known and never fetched: waiting, moved, not there", grouped(figure("pages.unseen"))),
        ("Pages withdrawn for now", grouped(figure("pages.withdrawn"))),
        ("Pages gone", grouped(figure("pages.gone"))),
        ("Capsules that ever answered", grouped(figure("capsules.known"))),
        ("Capsules that answered within 7 days", grouped(figure("capsules.answering"))),
        ("Size of the pages that can be found", phrase::bytes(figure("bytes"))),
        ("Requests sent that day", grouped(figure("requests"))),
    ];
    let drawn = TRENDS.into_iter().zip(trends).map(|((_, name), series)| {
        let days = series.into_iter().map(|(day, figure)| (day.to_string(), figure)).collect();
        Block::Trend(Plot::by_day(name, days))
    });
    let outcome = |code: &str| {
        code.parse::<Outcome>().map_or_else(|_| code.to_owned(), |o| phrase::outcome_in_short(o).to_owned())
    };
    let plain = |name: &str| name.replace('-', " ");
    let links = [
        Entry::ours(Some(Link::to(paths::KNOWN_HOSTS)), "Known hosts"),
        Entry::ours(Some(Link::to(paths::NEW)), "New pages and capsules"),
        Entry::ours(Some(Link::to(paths::FEEDS)), "Feeds"),
        Entry::ours(Some(Link::to(paths::EXCLUSIONS)), "What is shut out, and why"),
    ];
    Sheet::new("Statistics", lead)
        .part("Now", vec![Block::Facts(overview.map(|(name, value)| Block::fact(name, value)).into())])
        .part("Over time", drawn.collect())
        .part("By kind", vec![Block::Facts(ranked(latest, "kind.", plain))])
        .part(
            "By language",
            vec![Block::Facts(ranked(latest, "language.", |tag| language::name(tag).to_owned()))],
        )
        .part("By type", vec![Block::Facts(ranked(latest, "type.", str::to_owned))])
        .part("How the last visits ended", vec![Block::Facts(ranked(latest, "outcome.", outcome))])
        .part("More", vec![Block::Entries(links.into_iter().flatten().collect())])
}

/// The greatest figures whose names begin so.
fn ranked(day: &Day, prefix: &str, say: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let mut of: Vec<(&str, u64)> =
        day.figures.iter().filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, *value))).collect();
    of.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    of.truncate(MOST);
    of.into_iter().map(|(name, value)| (say(name), grouped(value))).collect()
}
