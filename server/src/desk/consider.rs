//! A deed is looked at before it is done: what it would touch, and the last word.

use std::time::Duration;

use shared::gemini::pattern::UrlPattern;
use shared::store::Store;
use shared::store::asked::exclusion::{self, Listed};
use shared::store::asked::pause::{self, Pause};
use shared::store::asked::report::{self, Report};
use shared::store::rule::Rule;
use tokio::time::Instant;

use super::board::{self, Ask, Block, Board, Draft, Mood, Row, Step};
use super::capsules;
use super::deed::{Deed, Weight};
use crate::acts::exclude::{self, Extent, Patience, Rehearsal};
use crate::paths::desk;
use crate::render::answer::{Answer, Page};
use crate::render::phrase;
use crate::render::problem::Problem;

/// So long somebody waits for the count; in a store of a million pages and more it is of the oldest ones then.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a deed would touch.
#[derive(Clone, Debug, Default)]
pub struct Considered {
    /// The pages that it would take out of the search; none: they were not counted.
    pub rehearsal: Option<Rehearsal>,
    /// The report that it would settle.
    pub report: Option<Report>,
    /// The rule that it would make, where it is there already.
    pub rule: Option<Listed>,
    /// The pause that it would make or end, where it is there already.
    pub pause: Option<Pause>,
}

/// The screen of a deed: without a target it asks for one.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(store: &Store, deed: Deed, target: Option<&str>, hand: &str) -> Result<Answer, Problem> {
    let Some(target) = target else {
        let board = Board::new(deed.name(), desk::CONSIDER, Mood::Plain, deed.told()).ask(deed);
        return Ok(Answer::Input { prompt: deed.prompt(), form: Page::new(board.for_hand(hand)) });
    };
    let considered = load(store, deed, target).await?;
    Ok(shown(deed, target, &considered).for_hand(hand).answer())
}

/// Looks what a deed would touch.
///
/// # Errors
///
/// When the database is away.
pub async fn load(store: &Store, deed: Deed, target: &str) -> Result<Considered, Problem> {
    let rule = match deed {
        Deed::Purge => target.parse().map(Rule::Urls).ok(),
        Deed::Exclude => target.parse().ok(),
        Deed::TakeDown | Deed::ShutOut | Deed::Decline => {
            let Ok(number) = target.trim().parse() else { return Ok(Considered::default()) };
            let report = store.read(async |c| report::numbered(c, number).await).await?;
            return Ok(Considered { report, ..Considered::default() });
        }
        Deed::Recrawl
        | Deed::Seed
        | Deed::Pause
        | Deed::Resume
        | Deed::Lift
        | Deed::Rebuild
        | Deed::Verify
        | Deed::RollBack => None,
    };
    let rehearsal = match &rule {
        Some(rule) => Some(exclude::rehearse(store, rule, Patience::Until(Instant::now() + PATIENCE)).await?),
        None => None,
    };
    let rule = match (&rule, deed.visibilities()) {
        (Some(rule), [_, ..]) => store.read(async |c| exclusion::of(c, rule).await).await?,
        (Some(_) | None, _) => None,
    };
    let pause = match (deed, target.trim().parse::<UrlPattern>()) {
        (Deed::Pause | Deed::Resume, Ok(pattern)) => {
            let paused = store.read(async |c| pause::all(c).await).await?;
            paused.into_iter().find(|pause| pause.is_of(&pattern))
        }
        (_, Ok(_) | Err(_)) => None,
    };
    Ok(Considered { rehearsal, report: None, rule, pause })
}

/// The board of a deed whose target is known.
#[must_use]
pub fn shown(deed: Deed, target: &str, considered: &Considered) -> Board {
    let target = target.trim();
    let title = format!("{} {}{target}", deed.name(), deed.object());
    if let Err(told) = understood(deed, target, considered) {
        let told = format!("This cannot be done: {told}.");
        return Board::new(title, desk::CONSIDER, Mood::Trouble, told).ask(deed);
    }
    if let (Deed::Pause, Some(pause)) = (deed, &considered.pause) {
        let row = capsules::paused_row(pause);
        return Board::new(title, desk::CONSIDER, Mood::Plain, "It is paused already.")
            .part("", vec![Block::Rows(vec![row])]);
    }
    let mood = match deed.weight() {
        Weight::Light => Mood::Plain,
        Weight::Grave => Mood::Trouble,
    };
    let verdict = match (&considered.rule, &considered.rehearsal) {
        (Some(_), _) => "The rule is in force already. Nothing is changed yet.".to_owned(),
        (None, Some(Rehearsal { pages: 0, extent, .. })) => match extent {
            Extent::Whole => "No page that can be found would be touched. Nothing is done yet.".to_owned(),
            Extent::Oldest(_) => "It may drop no page at all. Nothing is done yet.".to_owned(),
        },
        (None, Some(Rehearsal { pages, sites, extent, .. })) => format!(
            "It would drop {}{} of {}. Nothing is done yet.",
            match extent {
                Extent::Whole => "",
                Extent::Oldest(_) => "at least ",
            },
            phrase::count(*pages, "page", "pages"),
            phrase::count(*sites, "site", "sites")
        ),
        (None, None) => "Nothing is done yet.".to_owned(),
    };
    let examples = considered.rehearsal.iter().flat_map(|rehearsal| {
        let examples = rehearsal.examples.iter().map(|url| Row::new(Mood::Plain, url.as_str()));
        let more = rehearsal.pages.saturating_sub(rehearsal.examples.len() as u64);
        let more = (0 < more).then(|| Row::new(Mood::Plain, format!("and {} more", phrase::grouped(more))));
        examples.chain(more)
    });
    let report = considered.report.iter().flat_map(|report| {
        [
            Block::fact("It names", report.url.clone()),
            Block::fact("It says", report.reason.clone()),
            Block::fact("It came", phrase::moment(report.reported_at)),
        ]
    });
    let rule = considered.rule.iter().flat_map(|Listed { exclusion, since }| {
        let reason = if exclusion.reason.is_empty() { "none given" } else { exclusion.reason.as_str() };
        [
            Block::fact("In force", format!("since {}", phrase::day(*since))),
            Block::fact("Reason", reason),
            Block::fact("Shown", board::seen(exclusion.visibility)),
        ]
    });
    let draft = considered.rule.as_ref().map_or_else(Draft::default, |listed| Draft {
        reason: listed.exclusion.reason.clone(),
        visibility: listed.exclusion.visibility,
    });
    let mut board = Board::new(title, desk::CONSIDER, mood, verdict)
        .part("", vec![Block::Text(deed.told().to_owned()), Block::Text(counted(considered, target))])
        .part("The rule as it is", vec![Block::Facts(rule.collect())])
        .part("The report", vec![Block::Facts(report.collect())])
        .part("Among them", vec![Block::Rows(examples.collect())]);
    board.asks.push(Ask { deed, value: target.to_owned(), step: Step::LastWord(draft) });
    board
}

/// That not all was counted, and what counts all; nothing where it was.
fn counted(considered: &Considered, target: &str) -> String {
    let (Some(Extent::Oldest(looked_at)), Ok(rule)) =
        (considered.rehearsal.as_ref().map(|rehearsal| rehearsal.extent), target.parse())
    else {
        return String::new();
    };
    let named = match rule {
        Rule::Urls(pattern) => format!("'{pattern}'"),
        Rule::Addresses(range) => format!("--address {range}"),
        Rule::Key(key) => format!("--key sha256:{key}"),
        Rule::Content(hash) => format!("--content {hash}"),
    };
    format!(
        "Only the {} that have been known the longest were looked at, for counting all of them takes long. sextant admin exclude --dry-run {named} does it.",
        phrase::count(looked_at, "page", "pages")
    )
}

/// Whether a deed can be done to that; what is wrong, in a sentence's end.
fn understood(deed: Deed, target: &str, considered: &Considered) -> Result<(), String> {
    let pattern = target.parse::<UrlPattern>().map_err(|error| error.to_string());
    match deed {
        Deed::Recrawl | Deed::Seed | Deed::Pause | Deed::Purge => pattern.map(drop),
        Deed::Resume => match (pattern, &considered.pause) {
            (Ok(_), None) => Err("it is not paused by itself".to_owned()),
            (pattern, _) => pattern.map(drop),
        },
        Deed::Exclude | Deed::Lift => target.parse::<Rule>().map(drop).map_err(|error| error.to_string()),
        Deed::TakeDown | Deed::ShutOut | Deed::Decline => match considered.report {
            Some(_) => Ok(()),
            None => Err("there is no such report".to_owned()),
        },
        Deed::Rebuild | Deed::Verify | Deed::RollBack => Ok(()),
    }
}
