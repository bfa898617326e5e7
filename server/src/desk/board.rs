//! A board: the view of every screen of the desk.
//!
//! A title, a verdict in one sentence, and parts made of the same few blocks, each with what can be done about
//! it. Over Gemini a deed is a link that carries the hand of the certificate it was shown to; on the web it is a
//! form. The command line prints the same board as plain lines.

use shared::store::asked::exclusion::Visibility;

use super::deed::{Deed, Weight};
use crate::paths::{self, Link};
use crate::render::answer::{Answer, Page};
use crate::render::plot::Plot;
use crate::render::view::view;

/// A screen of the desk.
#[derive(Debug, Default)]
pub struct Board {
    /// Its title.
    pub title: String,
    /// Its path, for the bar that shows where one is; another than those of the bar: what was asked for just now.
    pub path: &'static str,
    /// What matters most, in one sentence.
    pub verdict: String,
    /// Whether that is good.
    pub mood: Mood,
    /// Where more is told of it.
    pub leads_to: Option<Link>,
    /// The rest.
    pub parts: Vec<Part>,
    /// What can be asked for here.
    pub asks: Vec<Ask>,
    /// The part of a list before this one.
    pub previous: Option<Link>,
    /// The part behind it.
    pub next: Option<Link>,
    /// Proves that a deed was chosen on a screen of this very person.
    pub hand: String,
}

/// Whether what is said is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Neither.
    #[default]
    Plain,
    /// All is well.
    Well,
    /// Under way.
    Busy,
    /// It needs somebody.
    Trouble,
}

/// A heading and what stands below it.
#[derive(Debug)]
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
    /// A few figures that are seen at a glance.
    Cards(Vec<Card>),
    /// Names and what holds of them.
    Facts(Vec<(String, String)>),
    /// Things with what can be done about them.
    Rows(Vec<Row>),
    /// Figures over time.
    Plot(Plot),
}

/// A figure that is seen at a glance.
#[derive(Debug)]
pub struct Card {
    /// What it is.
    pub name: &'static str,
    /// The figure.
    pub value: String,
    /// What else there is to say.
    pub more: String,
    /// The screen that tells more.
    pub path: Option<&'static str>,
}

/// A line with what can be done about it.
#[derive(Debug, Default)]
pub struct Row {
    /// Whether it is good.
    pub mood: Mood,
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub link: Option<Link>,
    /// What else is known, a few words each.
    pub facts: Vec<String>,
    /// What can be done.
    pub offers: Vec<Offer>,
}

/// A deed that can be done to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What.
    pub deed: Deed,
    /// To what.
    pub target: String,
}

/// A field in which a deed's target is typed.
#[derive(Debug)]
pub struct Ask {
    /// What is done to it.
    pub deed: Deed,
    /// What stands in the field.
    pub value: String,
    /// How far it is.
    pub step: Step,
}

/// How far an ask is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The target is to be typed.
    Target,
    /// The target is known, and only the reason and the last word are missing.
    LastWord(Draft),
}

/// What stands in the fields of a last word before anything is typed or chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Why.
    pub reason: String,
    /// How much of it visitors may see.
    pub visibility: Visibility,
}

/// One of several ways to do what is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its word in a form.
    pub word: &'static str,
    /// What it says.
    pub told: &'static str,
    /// Whether it stands in the field before anything is chosen.
    pub is_drafted: bool,
}

view!(Board, "desk/board/page.gmi", "desk/board/page.html");

/// The desk's screens, in the order of the bar.
pub const SCREENS: [(&str, &str); 9] = [
    (paths::desk::DESK, "Overview"),
    (paths::desk::CAPSULES, "Capsules"),
    (paths::desk::CONNECTIONS, "Connections"),
    (paths::desk::RUNS, "Runs"),
    (paths::desk::INDEX, "Index"),
    (paths::desk::RULES, "Rules"),
    (paths::desk::REPORTS, "Reports"),
    (paths::desk::SUBMISSIONS, "Submissions"),
    (paths::desk::AUDIT, "Audit"),
];

impl Board {
    /// A board with its title and verdict.
    #[must_use]
    pub fn new(title: impl Into<String>, path: &'static str, mood: Mood, verdict: impl Into<String>) -> Self {
        Self { title: title.into(), path, mood, verdict: verdict.into(), ..Self::default() }
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

    /// One more field.
    #[must_use]
    pub fn ask(mut self, deed: Deed) -> Self {
        self.asks.push(Ask { deed, value: String::new(), step: Step::Target });
        self
    }

    /// For the one whose hand this is.
    #[must_use]
    pub fn for_hand(self, hand: &str) -> Self {
        Self { hand: hand.to_owned(), ..self }
    }

    /// As an answer.
    #[must_use]
    pub fn answer(self) -> Answer {
        Answer::Page(Page::new(self))
    }

    /// Whether it is kept up to date while somebody looks at it. What was asked for just now is not: to look at it again
    /// would be to count again, and to lose what is being typed.
    #[must_use]
    pub fn is_live(&self) -> bool {
        SCREENS.iter().any(|(path, _)| *path == self.path)
    }

    /// The screens, each with whether it is this one.
    #[must_use]
    pub fn bar(&self) -> Vec<(&'static str, &'static str, Place)> {
        let place = |path| if path == self.path { Place::Here } else { Place::Elsewhere };
        SCREENS.into_iter().map(|(path, name)| (path, name, place(path))).collect()
    }
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// To this very screen.
    Here,
    /// To another one.
    Elsewhere,
}

impl Block {
    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Cards(cards) => cards.is_empty(),
            Self::Facts(facts) => facts.is_empty(),
            Self::Rows(rows) => rows.is_empty(),
            Self::Plot(plot) => plot.is_empty(),
        }
    }

    /// One fact.
    pub fn fact(name: &str, value: impl Into<String>) -> (String, String) {
        (name.to_owned(), value.into())
    }
}

impl Mood {
    /// Its class on the web.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Well => "well",
            Self::Busy => "busy",
            Self::Trouble => "trouble",
        }
    }

    /// Its sign in gemtext and on a terminal; a colour alone says nothing to some.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Well => "✓ ",
            Self::Busy => "… ",
            Self::Trouble => "! ",
        }
    }
}

impl Row {
    /// A line of this mood.
    #[must_use]
    pub fn new(mood: Mood, text: impl Into<String>) -> Self {
        Self { mood, text: text.into(), ..Self::default() }
    }

    /// That leads somewhere.
    #[must_use]
    pub fn to(self, link: Option<Link>) -> Self {
        Self { link, ..self }
    }

    /// With what else is known.
    #[must_use]
    pub fn with(mut self, facts: impl IntoIterator<Item = String>) -> Self {
        self.facts.extend(facts.into_iter().filter(|fact| !fact.is_empty()));
        self
    }

    /// With what can be done.
    #[must_use]
    pub fn offering(mut self, deed: Deed, target: impl Into<String>) -> Self {
        self.offers.push(Offer { deed, target: target.into() });
        self
    }
}

impl Offer {
    /// The way to it over Gemini: what is light is done at once, what is grave is looked at before.
    #[must_use]
    pub fn gemtext(&self, hand: &str) -> Option<String> {
        match self.deed.weight() {
            Weight::Light => paths::desk::done_by(hand, self.deed.word(), &self.target),
            Weight::Grave => paths::desk::consider(self.deed.word(), &self.target).map(|link| link.gemtext),
        }
    }

    /// The way to the screen where it is looked at, where it is grave.
    #[must_use]
    pub fn considered(&self) -> Option<Link> {
        match self.deed.weight() {
            Weight::Light => None,
            Weight::Grave => paths::desk::consider(self.deed.word(), &self.target),
        }
    }
}

impl Ask {
    /// The ways over Gemini, each with what it says: to the prompt, or, where the target is known, to the last word, of
    /// which there is one for each choice.
    #[must_use]
    pub fn gemtext(&self, hand: &str) -> Vec<(String, String)> {
        let (name, word, value) = (self.deed.name(), self.deed.word(), &self.value);
        let ways: Vec<(Option<String>, String)> = match (&self.step, self.deed.visibilities()) {
            (Step::Target, _) => {
                let link = paths::desk::consider(word, "").map(|link| link.gemtext);
                vec![(link, format!("{name} ..."))]
            }
            (Step::LastWord(_), []) => {
                vec![(paths::desk::done_by(hand, word, value), format!("{name}: {value}"))]
            }
            (Step::LastWord(_), visibilities) => visibilities
                .iter()
                .map(|visibility| {
                    let way = paths::desk::done_by_showing(hand, word, value, *visibility);
                    (way, format!("{name}: {value} ({})", seen(*visibility)))
                })
                .collect(),
        };
        ways.into_iter().filter_map(|(way, told)| Some((way?, told))).collect()
    }

    /// How much of it visitors may be let see; empty where there is nothing to choose.
    #[must_use]
    pub fn choices(&self) -> Vec<Choice> {
        let Step::LastWord(draft) = &self.step else { return Vec::new() };
        let choice = |visibility: &Visibility| Choice {
            word: visibility.code(),
            told: seen(*visibility),
            is_drafted: *visibility == draft.visibility,
        };
        self.deed.visibilities().iter().map(choice).collect()
    }

    /// Whether a browser goes to look at it before anything is done.
    #[must_use]
    pub fn is_considered(&self) -> bool {
        self.step == Step::Target && self.deed.weight() == Weight::Grave
    }
}

/// How much of a rule visitors may see, in words.
#[must_use]
pub const fn seen(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Full => "visitors see all of it",
        Visibility::Host => "visitors see its host",
        Visibility::Count => "visitors only see a count",
    }
}
