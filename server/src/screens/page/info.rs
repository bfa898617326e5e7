//! Page info: all that is known of one page.

use shared::gemini::url::GeminiUrl;
use shared::store::asked::exclusion::{self, PublicRule};
use shared::store::known::page::Standing;
use shared::store::known::profile::{self, InIndex, OutLink, PageProfile};

use crate::app::App;
use crate::ask::{Ask, Intent, target};
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::problem::Problem;
use crate::render::{language, phrase};
use crate::screens::sheet::{Block, Entry, Form, Sheet};

/// Links and copies shown at most.
const SHOWN: i64 = 100;
/// What the prompt says.
const PROMPT: &str = "Which page? Give its address";

/// What there is to know of a page.
#[derive(Debug)]
pub struct Known {
    /// The page.
    pub page: PageProfile,
    /// Its links, some of them.
    pub links: Vec<OutLink>,
    /// How many it has in all.
    pub link_count: u64,
    /// Pages that say the same, and since when.
    pub copies: Vec<(GeminiUrl, String)>,
    /// The rule that shuts it out.
    pub exclusion: Option<PublicRule>,
}

/// Shows what is known of the page that was asked for.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, ask: &Ask) -> Result<Answer, Problem> {
    let Some(words) = &ask.words else {
        return Ok(Sheet { form: Some(form("")), ..Sheet::new("About a page", PROMPT) }.prompt(PROMPT));
    };
    let url = match target::page(words) {
        Ok(url) => url,
        Err(error) => {
            let sentence = format!("No address of a page can be read there: {error}.");
            return Ok(Sheet { form: Some(form(words)), ..Sheet::new("About a page", sentence) }.answer());
        }
    };
    let (known, exclusion) = app
        .store()?
        .read(async |c| {
            let exclusion = exclusion::against(c, &url).await?;
            let Some(page) = profile::of(c, &url).await? else { return Ok((None, exclusion)) };
            let (links, link_count) = profile::links(c, (page.capsule, page.page), 0, SHOWN).await?;
            let copies = match page.content {
                Some(content) => profile::copies(c, page.page, content, SHOWN).await?,
                None => Vec::new(),
            };
            let copies = copies.into_iter().map(|(url, seen)| (url, phrase::day(seen))).collect();
            Ok((Some(Known { page, links, link_count, copies, exclusion: exclusion.clone() }), exclusion))
        })
        .await?;
    Ok(match known {
        Some(known) => shown(&known),
        None => unknown(&url, exclusion.as_ref()),
    }
    .answer())
}

fn form(value: &str) -> Form {
    Form {
        action: paths::PAGE.to_owned(),
        intent: Intent::Look,
        label: "The address of a page",
        value: value.to_owned(),
        button: "Look",
    }
}

/// The sheet of a page that nobody has heard of.
#[must_use]
pub fn unknown(url: &GeminiUrl, exclusion: Option<&PublicRule>) -> Sheet {
    let sentence = match exclusion {
        Some(rule) => shut_out(rule),
        None => "Not known: no page that we have read links here, and nobody has handed it in.".to_owned(),
    };
    let mut entries = vec![Entry::gemini(url, "The page itself, where it lives")];
    if exclusion.is_none() {
        entries.extend(Entry::deed(paths::ADD_SEED, url.as_str(), "Hand it in"));
    }
    entries.extend(capsule_entry(url));
    Sheet::new(url.to_string(), sentence).part("", vec![Block::Entries(entries)])
}

/// What a rule of ours says, in a sentence.
#[must_use]
pub fn shut_out(rule: &PublicRule) -> String {
    let reason = if rule.reason.is_empty() { "no reason is given in public" } else { &rule.reason };
    format!("Shut out here since {}: {reason}.", phrase::day(rule.since))
}

fn capsule_entry(url: &GeminiUrl) -> Option<Entry> {
    let capsule = url.capsule().to_string();
    Entry::ours(Link::with_words(paths::CAPSULE, &capsule), format!("The capsule {capsule}"))
}

/// The sheet of a page.
#[must_use]
pub fn shown(known: &Known) -> Sheet {
    let page = &known.page;
    let url = page.url.as_str();
    let title = if page.title.is_empty() { url.to_owned() } else { page.title.clone() };
    let mut entries = vec![Entry::gemini(url, "The page itself, where it lives").with([url.to_owned()])];
    if page.content.is_some() && page.standing != Standing::Gone {
        entries.extend(Entry::ours(Link::with_words(paths::CACHED, url), "The text as it was fetched last"));
    }
    let from_others = phrase::count(page.rank.external_links.into(), "link", "links");
    entries.extend(
        Entry::ours(Link::with_words(paths::BACKLINKS, url), "Who links here")
            .map(|entry| entry.with([format!("{from_others} from other sites")])),
    );
    entries.extend(capsule_entry(&page.url));
    entries.extend(Entry::deed(paths::ADD_SEED, url, "Look again: visit it now"));
    entries.extend(Entry::ours(Link::with_words(paths::REPORT, url), "Report it"));
    Sheet::new(title, standing(known))
        .say(last_visit(page))
        .part("", vec![Block::Entries(entries)])
        .part("What is known", vec![Block::Facts(facts(page))])
        .part("How it ranks", vec![Block::Facts(rank(page))])
        .part("The same text elsewhere", vec![Block::Entries(copies(known))])
        .part(links_heading(known), vec![Block::Entries(known.links.iter().map(link_entry).collect())])
}

/// Whether it can be found, and why not.
fn standing(known: &Known) -> String {
    if let Some(rule) = &known.exclusion {
        return shut_out(rule);
    }
    match (known.page.standing, known.page.index) {
        (Standing::Searchable, InIndex::Has) => "It can be found.".to_owned(),
        (Standing::Searchable, InIndex::Waiting | InIndex::NothingToHave) => {
            "It can be found, and its newest text will be in a moment.".to_owned()
        }
        (Standing::Unseen, _) => "It is known, and was not fetched yet.".to_owned(),
        (Standing::Withdrawn, _) => "It cannot be found at present.".to_owned(),
        (Standing::Gone, _) => "It is gone, and is not searched any more.".to_owned(),
    }
}

fn last_visit(page: &PageProfile) -> String {
    let next = page.due_at.map(|due| due.max(page.capsule_rests_until.unwrap_or(due)));
    let next = match next {
        Some(due) => format!("the next one comes {}", phrase::ahead(page.now, due)),
        None => "none is planned".to_owned(),
    };
    match page.last_visit {
        Some((at, outcome)) => {
            format!("The last visit, {}, {}; {next}.", phrase::ago(page.now, at), phrase::outcome(outcome))
        }
        None => format!("No visit yet; {next}."),
    }
}

fn facts(page: &PageProfile) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    if let Some(target) = &page.moved_to {
        facts.push(Block::fact("Moved to", target.to_string()));
    }
    if page.fetched_at.is_some() {
        facts.push(Block::fact("Kind", page.kind.as_str().replace('-', " ")));
        facts.push(Block::fact("Type", page.media_type.clone()));
    }
    let language = page.language.as_deref().map(|tag| language::name(tag).to_owned());
    let texts = [("Language", language), ("Character set", page.charset.clone())];
    facts.extend(texts.into_iter().filter_map(|(name, value)| Some(Block::fact(name, value?))));
    facts.extend(page.size_bytes.map(|size| Block::fact("Size", phrase::bytes(size))));
    facts.push(Block::fact("First seen", phrase::moment(page.first_seen)));
    facts.extend(page.changed_at.map(|at| Block::fact("Last changed", phrase::moment(at))));
    facts.extend(page.fetched_at.map(|at| Block::fact("Last fetched", phrase::moment(at))));
    facts.extend(page.last_visit.map(|(at, _)| Block::fact("Last visited", phrase::moment(at))));
    facts.extend(page.due_at.map(|at| Block::fact("Next visit", phrase::moment(at))));
    facts.extend(page.content.map(|hash| Block::fact("Hash of words and links", hash.to_string())));
    facts
}

fn rank(page: &PageProfile) -> Vec<(String, String)> {
    let rank = &page.rank;
    let mut facts = vec![
        Block::fact("Links from other sites", phrase::grouped(rank.external_links.into())),
        Block::fact("Links from its own site", phrase::grouped(rank.internal_links.into())),
    ];
    facts.push(Block::fact(
        "Standing of its site",
        match rank.site {
            Some(site) => format!(
                "{:.3} of 1, place {} of {}",
                site.authority,
                phrase::grouped(site.place),
                phrase::grouped(site.of)
            ),
            None => "not computed yet".to_owned(),
        },
    ));
    facts
}

fn copies(known: &Known) -> Vec<Entry> {
    let entry = |(url, seen): &(GeminiUrl, String)| Entry {
        about: Link::with_words(paths::PAGE, url.as_str()),
        ..Entry::gemini(url, url.to_string()).with([format!("first seen {seen}")])
    };
    known.copies.iter().map(entry).collect()
}

fn links_heading(known: &Known) -> String {
    let count = phrase::count(known.link_count, "link", "links");
    let shown = known.links.len() as u64;
    if shown < known.link_count { format!("Its {count}, {shown} of them") } else { format!("Its {count}") }
}

fn link_entry(link: &OutLink) -> Entry {
    let text = if link.label.is_empty() { &link.title } else { &link.label };
    let state = match link.outcome {
        Some(outcome) => phrase::outcome_in_short(outcome).to_owned(),
        None => "not visited yet".to_owned(),
    };
    let place = if text.is_empty() { String::new() } else { link.url.to_string() };
    Entry {
        about: Link::with_words(paths::PAGE, link.url.as_str()),
        ..Entry::gemini(&link.url, text.clone()).with([place, state])
    }
}
