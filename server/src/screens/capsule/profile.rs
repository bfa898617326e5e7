//! The capsule page: is it in, and if not, why; then what is known of it.

use chrono::{DateTime, TimeDelta, Utc};
use shared::gemini::host::CapsuleAddr;
use shared::gemini::robots::{Robots, Use};
use shared::gemini::url::GeminiUrl;
use shared::store::asked::exclusion::{self, PublicRule};
use shared::store::asked::pause;
use shared::store::crawl::request::{self, LoggedRequest};
use shared::store::known::certificate::Signature;
use shared::store::known::leave::{self, ReadRules};
use shared::store::known::portrait::{self, Portrait, Shown};

use super::verdict::{self, Evidence};
use crate::app::App;
use crate::ask::{Ask, target};
use crate::ask::{Intent, Tongue};
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::phrase::{self, ago, ahead, grouped};
use crate::render::problem::Problem;
use crate::screens::capsule::requests;
use crate::screens::sheet::{Block, Entry, Form, Sheet};
use crate::search::{PageNumber, Verbosity};

/// Requests and certificates shown here.
const FEW: i64 = 5;
/// What the prompt says.
const PROMPT: &str = "Which capsule? Its name is enough";

/// What there is to know of a capsule.
#[derive(Debug, Default)]
pub struct Known {
    /// The capsule; none: nobody has heard of it.
    pub portrait: Option<Portrait>,
    /// The rule of ours against its front page.
    pub exclusion: Option<PublicRule>,
    /// Since when the admin has paused it; none: it is visited.
    pub paused_since: Option<DateTime<Utc>>,
    /// Its robots.txt files as last read.
    pub rules: Vec<ReadRules>,
    /// Requests of the last day.
    pub requests_today: u64,
    /// The last request.
    pub last_request: Option<DateTime<Utc>>,
    /// The last few.
    pub requests: Vec<LoggedRequest>,
    /// Its certificates, the one in use first.
    pub certificates: Vec<Shown>,
}

/// Shows the capsule that was asked for, in whichever spelling.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, ask: &Ask) -> Result<Answer, Problem> {
    let Some(words) = &ask.words else {
        return Ok(Sheet { form: Some(form("")), ..Sheet::new("A capsule", PROMPT) }.prompt(PROMPT));
    };
    let addr = match target::capsule(words) {
        Ok(addr) => addr,
        Err(error) => {
            let sentence = format!("No capsule can be read there: {error}.");
            return Ok(Sheet { form: Some(form(words)), ..Sheet::new("A capsule", sentence) }.answer());
        }
    };
    let known = app
        .store()?
        .read(async |c| {
            let exclusion = exclusion::against(c, &GeminiUrl::root(&addr)).await?;
            let Some(portrait) = portrait::of(c, &addr).await? else {
                return Ok(Known { exclusion, ..Known::default() });
            };
            let front = GeminiUrl::root(&addr);
            let pauses = pause::all(c).await?;
            // The oldest of those that hold: since then it has not been visited.
            let paused = pauses.iter().find(|pause| pause.pattern.matches(&front));
            let (requests_today, last_request) = request::of_last_day(c, portrait.capsule).await?;
            Ok(Known {
                exclusion,
                paused_since: paused
                    .and_then(|pause| Some(portrait.now - TimeDelta::from_std(pause.age).ok()?)),
                rules: leave::rules_of(c, portrait.capsule).await?,
                requests_today,
                last_request,
                requests: request::sent_to(c, portrait.capsule, 0, FEW).await?,
                certificates: portrait::certificates(c, portrait.capsule, FEW).await?,
                portrait: Some(portrait),
            })
        })
        .await?;
    Ok(shown(&addr, &known).answer())
}

fn form(value: &str) -> Form {
    Form {
        action: paths::CAPSULE.to_owned(),
        intent: Intent::Look,
        label: "The name of a capsule",
        value: value.to_owned(),
        button: "Is it in?",
    }
}

/// The sheet of a capsule.
#[must_use]
pub fn shown(addr: &CapsuleAddr, known: &Known) -> Sheet {
    let own = known.rules.first().filter(|rules| rules.folder == "/");
    let forbidden = own
        .and_then(|rules| rules.last_good.as_ref())
        .and_then(|(text, _)| leave::refusal(&Robots::parse(text), &[Use::Index], "/", "/"));
    let evidence = Evidence {
        portrait: known.portrait.as_ref(),
        exclusion: known.exclusion.as_ref(),
        rules: &known.rules,
        forbidden: forbidden.as_ref(),
        last_request: known.last_request,
    };
    let name = addr.to_string();
    let sheet = Sheet::new(name.clone(), verdict::of(addr, &evidence));
    let link = |path: &str, text: &str| Entry::ours(Link::with_words(path, &name), text);
    let front = GeminiUrl::root(addr).to_string();
    let Some(portrait) = &known.portrait else {
        let mut entries = vec![Entry::gemini(&front, "Its front page")];
        if known.exclusion.is_none() {
            entries.extend(Entry::deed(paths::ADD_SEED, &front, "Hand it in"));
        }
        return sheet.part("", vec![Block::Entries(entries)]);
    };
    let sheet = match known.paused_since {
        Some(since) => sheet.say(format!(
            "Paused by the admin since {}: nothing is asked of it until that ends; what can be found stays as it is.",
            phrase::moment(since)
        )),
        None => sheet,
    };
    let within = format!("site:{name}");
    let pages = Link {
        gemtext: paths::search(Tongue::Gemtext, &within, PageNumber::FIRST, Verbosity::Plain),
        html: paths::search(Tongue::Html, &within, PageNumber::FIRST, Verbosity::Plain),
    };
    let entries = [
        Some(Entry::gemini(&front, if portrait.name.is_empty() { "Its front page" } else { &portrait.name })),
        Entry::ours(Some(pages), "Its pages that can be found"),
        link(paths::BACKLINKS, "Who links to it")
            .map(|entry| entry.with([phrase::count(portrait.linked_by, "other site", "other sites")])),
        link(paths::REQUESTS, "Every request that we sent")
            .map(|entry| entry.with([format!("{} in the last day", grouped(known.requests_today))])),
        link(paths::ROBOTS_READ, "Its robots.txt as we read it, with a tester"),
        link(paths::DEAD_LINKS, "Its dead links"),
        Entry::deed(paths::ADD_SEED, &front, "Visit its front page now"),
        link(paths::REPORT, "Report it"),
    ];
    sheet
        .part("", vec![Block::Entries(entries.into_iter().flatten().collect())])
        .part("Its pages", vec![Block::Facts(pages_facts(portrait))])
        .part("How it is visited", vec![Block::Facts(visits(portrait, known))])
        .part("The last requests", vec![Block::Entries(known.requests.iter().map(requests::entry).collect())])
        .part("Its certificate", vec![Block::Facts(certificates(portrait, &known.certificates))])
}

fn pages_facts(portrait: &Portrait) -> Vec<(String, String)> {
    let (searchable, known) = verdict::counts(portrait);
    let mut facts = vec![
        Block::fact("Known", grouped(known)),
        Block::fact("Can be found", grouped(searchable)),
        Block::fact("Due for a visit now", grouped(portrait.due)),
    ];
    let mut by_outcome: Vec<(String, u64)> = Vec::new();
    for count in &portrait.pages {
        let name = count.outcome.map_or("not visited yet", phrase::outcome_in_short).to_owned();
        match by_outcome.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += count.count,
            None => by_outcome.push((name, count.count)),
        }
    }
    facts.extend(by_outcome.into_iter().map(|(name, sum)| (format!("Last visit: {name}"), grouped(sum))));
    facts
}

fn visits(portrait: &Portrait, known: &Known) -> Vec<(String, String)> {
    let now = portrait.now;
    let mut facts = vec![Block::fact("Known since", phrase::moment(portrait.first_seen))];
    facts
        .push(Block::fact("Last answer", portrait.answered_at.map_or("never".to_owned(), |at| ago(now, at))));
    if let Some(since) = portrait.failing_since {
        facts.push(Block::fact("Silent since", phrase::moment(since)));
        facts.push(Block::fact("Failures in a row", grouped(portrait.failures.into())));
    }
    facts.push(match portrait.breaker_until {
        Some(until) => Block::fact(
            "Breaker",
            format!("open after five failures in a row; one try {}", ahead(now, until)),
        ),
        None => Block::fact("Breaker", "closed: it is visited as its pages fall due"),
    });
    facts.push(Block::fact(
        "Next turn",
        match (known.paused_since, portrait.due_at) {
            (Some(_), _) => "when the pause ends".to_owned(),
            (None, Some(due)) => ahead(now, due),
            (None, None) => "nothing is due".to_owned(),
        },
    ));
    if portrait.slow_gap_ms > 0 {
        let gap = std::time::Duration::from_millis(portrait.slow_gap_ms);
        facts.push(Block::fact("It asked to slow down", format!("{} between requests", phrase::span(gap))));
    }
    facts.push(Block::fact("Requests in the last day", grouped(known.requests_today)));
    facts.extend(portrait.contact.iter().map(|line| Block::fact("Security contact", line.to_string())));
    facts
}

fn certificates(portrait: &Portrait, shown: &[Shown]) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    for (place, certificate) in shown.iter().enumerate() {
        let name = if place == 0 { "SHA-256" } else { "Earlier" };
        facts.push(Block::fact(name, certificate.fingerprint.to_string()));
        facts.push(Block::fact(
            "Seen",
            format!("{} to {}", phrase::day(certificate.first_seen), phrase::day(certificate.last_seen)),
        ));
        if place > 0 {
            continue;
        }
        if let Some(end) = certificate.not_after {
            let state = if end <= portrait.now {
                "expired on"
            } else if end - portrait.now < TimeDelta::days(30) {
                "expires soon, on"
            } else {
                "valid until"
            };
            facts.push(Block::fact("Validity", format!("{state} {}", phrase::day(end))));
        }
        facts.push(Block::fact(
            "Signature",
            match certificate.signature {
                Signature::Checked => "checked: the server has its key",
                Signature::Unchecked => "not checked: its kind of key cannot be read here",
            },
        ));
    }
    facts
}
