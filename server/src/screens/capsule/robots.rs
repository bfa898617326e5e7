//! A capsule's robots.txt as we read it, and a tester: which line decides about an address.

use shared::gemini::robots::{Robots, Use};
use shared::gemini::url::GeminiUrl;
use shared::store::known::leave::{self, ReadRules};
use shared::store::known::profile;
use shared::store::known::robots::RobotsAnswer;

use crate::app::App;
use crate::ask::{Ask, Intent, target};
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::gemtext::Block as Preformatted;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::screens::sheet::{Block, Entry, Form, Sheet};

const PROMPT: &str = "Which address is to be judged by its capsule's robots.txt?";

/// Shows the rules of the capsule of an address, and what they say of that address.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, ask: &Ask) -> Result<Answer, Problem> {
    let Some(words) = &ask.words else {
        return Ok(Sheet { form: Some(form("")), ..Sheet::new("robots.txt", PROMPT) }.prompt(PROMPT));
    };
    let url = match target::page(words) {
        Ok(url) => url,
        Err(error) => {
            let sentence = format!("No address can be read there: {error}.");
            return Ok(Sheet { form: Some(form(words)), ..Sheet::new("robots.txt", sentence) }.answer());
        }
    };
    let rules = app
        .store()?
        .read(async |c| match profile::capsule_at(c, url.capsule()).await? {
            Some(capsule) => leave::rules_of(c, capsule).await,
            None => Ok(Vec::new()),
        })
        .await?;
    Ok(shown(&url, &rules).answer())
}

fn form(value: &str) -> Form {
    Form {
        action: paths::ROBOTS_READ.to_owned(),
        intent: Intent::Look,
        label: "An address to be judged",
        value: value.to_owned(),
        button: "Test",
    }
}

/// The sheet of a capsule's rules.
#[must_use]
pub fn shown(url: &GeminiUrl, rules: &[ReadRules]) -> Sheet {
    let name = url.capsule().to_string();
    let about = Entry::ours(Link::with_words(paths::CAPSULE, &name), "About the capsule");
    let title = format!("robots.txt of {name}");
    let lead = if rules.is_empty() {
        "Not read yet: it is asked for before the first visit.".to_owned()
    } else {
        format!("By the rules as we last read them, {}:", url.path_and_query())
    };
    let mut sheet = Sheet { form: Some(form(url.as_str())), ..Sheet::new(title, lead) };
    if !rules.is_empty() {
        let uses = [
            ("To be found by searches", Use::Index),
            ("To be shown as a stored text", Use::Archive),
            ("To be shown on the web", Use::Proxy),
        ];
        let rulings = uses.map(|(name, purpose)| (name.to_owned(), ruling(rules, purpose, url)));
        sheet = sheet.part("The ruling", vec![Block::Facts(rulings.into())]);
    }
    for one in rules {
        sheet = sheet.part(format!("{}robots.txt", one.folder), file(one));
    }
    sheet.part("More", vec![Block::Entries(about.into_iter().collect())])
}

/// What all rules together say of one use of a page.
fn ruling(rules: &[ReadRules], purpose: Use, url: &GeminiUrl) -> String {
    let site = url.site();
    let apply = rules.iter().filter(|one| one.folder == "/" || one.folder == site.folder());
    for one in apply {
        match (one.answer, &one.last_good) {
            (RobotsAnswer::Unreachable, None) => {
                return format!("not for now: {}robots.txt could not be read", one.folder);
            }
            (RobotsAnswer::NoRules, _) | (RobotsAnswer::Rules, None) => {}
            (RobotsAnswer::Rules | RobotsAnswer::Unreachable, Some((text, _))) => {
                let rules = Robots::parse(text);
                let refused = leave::refusal(&rules, &[purpose], &one.folder, url.path_and_query());
                if let Some((line, rule)) = refused {
                    return format!(
                        "forbidden by line {line} of {}robots.txt (Disallow: {rule})",
                        one.folder
                    );
                }
            }
        }
    }
    "allowed".to_owned()
}

fn file(one: &ReadRules) -> Vec<Block> {
    let state = match one.answer {
        RobotsAnswer::Rules => "read",
        RobotsAnswer::NoRules => "there are no rules",
        RobotsAnswer::Unreachable => "could not be read",
    };
    let mut facts = vec![
        Block::fact("Asked for", format!("{}: {state}", phrase::moment(one.asked_at))),
        Block::fact("Asked for again", phrase::moment(one.ask_again)),
    ];
    let copy = one.last_good.as_ref().filter(|(text, _)| !text.trim().is_empty());
    if let Some((text, at)) = copy {
        facts.push(Block::fact("The copy that rules", format!("read {}", phrase::moment(*at))));
        if let Some(delay) = Robots::parse(text).crawl_delay(Use::Index) {
            facts.push(Block::fact("Pause between requests", phrase::span(delay)));
        }
    }
    let mut blocks = vec![Block::Facts(facts)];
    blocks.extend(copy.map(|(text, _)| {
        Block::Preformatted(Preformatted::numbered(
            &format!("{}robots.txt, its lines numbered", one.folder),
            text,
        ))
    }));
    blocks
}
