//! A space of any size, made up as it is asked for: nothing is stored, every page is a pure function of seed, host
//! and number.
//!
//! Hosts have sizes by Zipf's law, pages of one to four kilobytes, titles, headings, lists, and links with labels,
//! in eight languages. Everything can be reached from the first host's front page. Some hosts have a robots.txt
//! with a page behind it, some a guestbook that asks for input; a few links lead to moved or missing pages.

mod language;
mod plan;
mod random;
mod text;

use language::{Language, Word};
use plan::Plan;
use random::Random;

use crate::answer::Answer;

/// The domain of generated hosts unless told.
const DOMAIN: &str = "space.example";
/// The last day of generated logs: 2026-06-30, counted from 1970.
const LAST_DAY: u64 = 20_634;

/// A generated space.
#[derive(Clone, Debug)]
pub struct Generator {
    seed: u64,
    plan: Plan,
}

impl Generator {
    /// So many capsules (at least one) with so many pages together (at least one each), different for each seed.
    pub fn new(seed: u64, capsules: usize, pages: u64) -> Self {
        Self { seed, plan: Plan::new(capsules, pages, DOMAIN) }
    }

    /// The same below another domain.
    pub fn domain(seed: u64, capsules: usize, pages: u64, domain: &str) -> Self {
        Self { seed, plan: Plan::new(capsules, pages, domain) }
    }

    /// The host names, the largest first. The first one's front page leads to everything.
    pub fn hosts(&self) -> impl Iterator<Item = String> {
        (0..self.plan.hosts()).map(|host| self.plan.name(host))
    }

    /// How many pages there are: those that answer with a text and that robots.txt allows.
    pub fn page_count(&self) -> u64 {
        (0..self.plan.hosts()).map(|host| self.plan.size(host)).sum()
    }

    /// The URLs of those pages.
    pub fn pages(&self) -> impl Iterator<Item = String> {
        (0..self.plan.hosts()).flat_map(move |host| {
            let name = self.plan.name(host);
            (0..self.plan.size(host)).map(move |page| format!("gemini://{name}{}", self.path(host, page)))
        })
    }

    /// The text of one of those pages, with neither TLS nor socket.
    pub fn page(&self, host: &str, path: &str) -> Option<String> {
        let host = self.plan.host(host)?;
        let page = plan::number(path).filter(|page| *page < self.plan.size(host))?;
        (self.path(host, page) == path).then(|| self.text(host, page))
    }

    /// What the host answers; `None` for what is not there.
    pub(crate) fn answer(&self, host: usize, path: &str, query: Option<&str>) -> Option<Answer> {
        let name = self.plan.name(host);
        if let Some(text) = self.page(&name, path) {
            return Some(Answer::file(&format!("text/gemini; lang={}", self.language(host).code()), text));
        }
        let traits = self.traits(host);
        let language = self.language(host);
        match path {
            "/robots.txt" if traits.robots => Some(Answer::file(
                "text/plain",
                "# Diaries are for people.\nUser-agent: *\nDisallow: /private/\n",
            )),
            "/private/diary.gmi" if traits.robots => {
                Some(Answer::gemtext(format!("# {}\n\nNot for robots.\n", language.word(Word::Diary))))
            }
            "/guestbook" if traits.guestbook => match query {
                None | Some("") => {
                    Some(Answer::status(format!("10 {}", language.word(Word::GuestbookPrompt))))
                }
                Some(_) => Some(Answer::status("30 /")),
            },
            _ => {
                let page = path.strip_prefix("/old/").and_then(|page| page.parse().ok())?;
                let known = page < self.plan.size(host);
                known.then(|| Answer::status(format!("31 {}", self.path(host, page))))
            }
        }
    }

    fn random(&self, host: usize, page: u64, purpose: u64) -> Random {
        Random::of(&[self.seed, host as u64, page, purpose])
    }

    fn language(&self, host: usize) -> &'static Language {
        if host == 0 { Language::english() } else { Language::of(&mut self.random(host, 0, 1)) }
    }

    fn traits(&self, host: usize) -> Traits {
        let mut random = self.random(host, 0, 2);
        Traits { robots: random.one_in(3), guestbook: random.one_in(4) }
    }

    fn title(&self, host: usize, page: u64) -> String {
        text::title(self.language(host), &mut self.random(host, page, 3))
    }

    fn path(&self, host: usize, page: u64) -> String {
        plan::path(host, page, &self.title(host, page))
    }

    fn date(&self, host: usize, page: u64) -> String {
        // Higher numbers are older, by some days each.
        let mut random = self.random(host, page, 4);
        let age = 3 * page + random.below(3);
        text::date(LAST_DAY.saturating_sub(age % 4_000))
    }

    fn text(&self, host: usize, page: u64) -> String {
        let language = self.language(host);
        let mut random = self.random(host, page, 5);
        let mut text = format!("# {}\n\n", self.title(host, page));
        if page == 0 {
            text.push_str(&format!("{}\n\n", language.write("welcome", &mut random)));
        } else if plan::section(page) == "log" {
            text.push_str(&format!("{}\n\n", self.date(host, page)));
        }
        // Many short pages and a few long ones.
        let bytes = 500 + (2_500.0 * random.unit() * random.unit()) as usize;
        text.push_str(&text::body(language, &mut random, bytes));
        self.links(&mut text, host, page, &mut random);
        text
    }

    fn links(&self, text: &mut String, host: usize, page: u64, random: &mut Random) {
        let language = self.language(host);
        let children = self.plan.children(host, page);
        if !children.is_empty() {
            let word = if page == 0 { Word::Pages } else { Word::More };
            section(text, language.word(word));
        }
        for child in children {
            let dated = plan::section(child) == "log";
            let date = if dated { format!("{} ", self.date(host, child)) } else { String::new() };
            text.push_str(&format!("=> {} {date}{}\n", self.path(host, child), self.title(host, child)));
        }
        if page == 0 {
            self.front_links(text, host);
            return;
        }
        section(text, language.word(Word::Related));
        let related = random.zipf(self.plan.size(host));
        text.push_str(&format!("=> {} {}\n", self.path(host, related), self.title(host, related)));
        if random.one_in(25) {
            text.push_str(&format!("=> /old/{related} {}\n", language.word(Word::Older)));
        }
        if random.one_in(40) {
            text.push_str(&format!("=> /lost/{page} {}\n", language.write("heading", random)));
        }
        if random.one_in(10) {
            // Well-known hosts get most of the links from outside, as everywhere.
            let other = usize::try_from(random.zipf(self.plan.hosts() as u64)).unwrap_or(0);
            let there = if random.one_in(2) { 0 } else { random.zipf(self.plan.size(other)) };
            let (name, path) = (self.plan.name(other), self.path(other, there));
            section(text, language.word(Word::Elsewhere));
            text.push_str(&format!("=> gemini://{name}{path} {}\n", self.title(other, there)));
        }
        text.push_str(&format!("\n=> / {}\n", language.word(Word::Back)));
    }

    /// Neighbours, the guestbook, the diary.
    fn front_links(&self, text: &mut String, host: usize) {
        let language = self.language(host);
        let neighbours = self.plan.neighbours(host);
        if !neighbours.is_empty() {
            section(text, language.word(Word::Neighbours));
        }
        for other in neighbours {
            text.push_str(&format!("=> gemini://{}/ {}\n", self.plan.name(other), self.title(other, 0)));
        }
        let traits = self.traits(host);
        if traits.guestbook || traits.robots {
            section(text, language.word(Word::About));
        }
        if traits.guestbook {
            text.push_str(&format!("=> /guestbook {}\n", language.word(Word::Guestbook)));
        }
        if traits.robots {
            text.push_str(&format!("=> /private/diary.gmi {}\n", language.word(Word::Diary)));
        }
    }
}

/// A heading after a blank line.
fn section(text: &mut String, heading: &str) {
    let blank = if text.ends_with("\n\n") { "" } else { "\n" };
    text.push_str(&format!("{blank}## {heading}\n\n"));
}

/// What a host has besides its pages.
struct Traits {
    robots: bool,
    guestbook: bool,
}
