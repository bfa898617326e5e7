//! A sheet: the view of every screen that shows what is stored.
//!
//! Facts, lists of pages and sentences in an order that can be read aloud: a title, what matters most right
//! under it, and parts with their headings. All such screens are composed of the same few blocks, so that they
//! read alike, and so that what cannot leave its line in one cannot leave it in any.

use crate::ask::Intent;
use crate::paths::Link;
use crate::render::answer::{Answer, Page};
use crate::render::gemtext::{self, Block as Preformatted};
use crate::render::plot::Plot;
use crate::render::view::view;

/// A screen of blocks.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Its title.
    pub title: String,
    /// What matters most, a sentence each.
    pub lead: Vec<String>,
    /// A field to type into; over Gemini a link that asks.
    pub form: Option<Form>,
    /// The rest.
    pub parts: Vec<Part>,
    /// The parts of a list before and behind this one.
    pub previous: Option<Link>,
    /// The part behind it.
    pub next: Option<Link>,
}

/// A field with its button.
#[derive(Debug)]
pub struct Form {
    /// The path that takes the words.
    pub action: String,
    /// Whether they do something there.
    pub intent: Intent,
    /// What to type.
    pub label: &'static str,
    /// What stands in the field.
    pub value: String,
    /// What the button does.
    pub button: &'static str,
}

/// A heading and what stands below it.
#[derive(Debug, Default)]
pub struct Part {
    /// May be empty.
    pub heading: String,
    /// In their order.
    pub blocks: Vec<Block>,
}

/// What a part is made of.
#[derive(Debug)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Names and what holds of them.
    Facts(Vec<(String, String)>),
    /// Things to follow.
    Entries(Vec<Entry>),
    /// Lines as they stand, such as rules.
    Preformatted(Preformatted),
    /// Figures over time.
    Trend(Plot),
}

/// A line that leads somewhere, and what there is to say of it.
#[derive(Debug, Default)]
pub struct Entry {
    /// Where it leads.
    pub target: Target,
    /// What it says.
    pub text: String,
    /// What else is known, a few words each.
    pub facts: Vec<String>,
    /// Our page about it.
    pub about: Option<Link>,
}

/// Where an entry leads.
#[derive(Debug, Default)]
pub enum Target {
    /// Nowhere: it is only said.
    #[default]
    Nowhere,
    /// To a page of ours.
    Ours(Link),
    /// Into Geminispace.
    Gemini(String),
    /// To what is done there: on the web a button, for whoever follows a link there only looks.
    Deed(Deed),
}

/// Words that something is done with.
#[derive(Debug)]
pub struct Deed {
    /// The path that takes them.
    pub action: &'static str,
    /// The words.
    pub words: String,
    /// Both in one, for Gemini.
    pub link: String,
}

view!(Sheet, "sheet/page.gmi", "sheet/page.html");

impl Form {
    /// How a browser sends it.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self.intent {
            Intent::Look => "get",
            Intent::Act => "post",
        }
    }
}

impl Sheet {
    /// A sheet with its title and what matters most.
    #[must_use]
    pub fn new(title: impl Into<String>, lead: impl Into<String>) -> Self {
        Self { title: title.into(), lead: vec![lead.into()], ..Self::default() }
    }

    /// One more sentence under the title.
    #[must_use]
    pub fn say(mut self, sentence: impl Into<String>) -> Self {
        self.lead.push(sentence.into());
        self
    }

    /// One more part; one without blocks is left out.
    #[must_use]
    pub fn part(mut self, heading: impl Into<String>, blocks: Vec<Block>) -> Self {
        let blocks: Vec<Block> = blocks.into_iter().filter(|block| !block.is_empty()).collect();
        if !blocks.is_empty() {
            self.parts.push(Part { heading: heading.into(), blocks });
        }
        self
    }

    /// As an answer.
    #[must_use]
    pub fn answer(self) -> Answer {
        Answer::Page(Page::new(self))
    }

    /// As the answer to a request that lacks its words.
    #[must_use]
    pub fn prompt(self, prompt: &'static str) -> Answer {
        Answer::Input { prompt, form: Page::new(self) }
    }
}

impl Block {
    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Facts(facts) => facts.is_empty(),
            Self::Entries(entries) => entries.is_empty(),
            Self::Preformatted(_) | Self::Trend(_) => false,
        }
    }

    /// One fact.
    pub fn fact(name: &str, value: impl Into<String>) -> (String, String) {
        (name.to_owned(), value.into())
    }
}

impl Entry {
    /// A link of ours; none where it would be too long.
    #[must_use]
    pub fn ours(link: Option<Link>, text: impl Into<String>) -> Option<Self> {
        Some(Self { target: Target::Ours(link?), text: text.into(), ..Self::default() })
    }

    /// Something of ours that is done with these words; none where they are too long for a link.
    #[must_use]
    pub fn deed(action: &'static str, words: &str, text: impl Into<String>) -> Option<Self> {
        let link = Link::with_words(action, words)?.gemtext;
        let deed = Deed { action, words: words.to_owned(), link };
        Some(Self { target: Target::Deed(deed), text: text.into(), ..Self::default() })
    }

    /// A page of Geminispace.
    #[must_use]
    pub fn gemini(url: impl ToString, text: impl Into<String>) -> Self {
        Self { target: Target::Gemini(url.to_string()), text: text.into(), ..Self::default() }
    }

    /// With what else is known.
    #[must_use]
    pub fn with(mut self, facts: impl IntoIterator<Item = String>) -> Self {
        self.facts.extend(facts.into_iter().filter(|fact| !fact.is_empty()));
        self
    }

    /// All that else is known, as a line of gemtext that is only said, whatever it begins with: a capsule's name may look
    /// like a link.
    #[must_use]
    pub fn facts_line(&self) -> String {
        gemtext::unmarked(&self.facts.join(" · "))
    }

    /// What it says; where it says nothing, where it leads.
    #[must_use]
    pub fn shown_text(&self) -> &str {
        match &self.target {
            _ if !self.text.trim().is_empty() => &self.text,
            Target::Gemini(url) => url,
            Target::Ours(link) => &link.gemtext,
            Target::Deed(deed) => &deed.link,
            Target::Nowhere => "",
        }
    }
}
