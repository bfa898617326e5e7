//! What stands around the hits: the limits that hold, with a link that takes each away; limits that would
//! part the list, each a link that adds it; and the other corners, where the same words can be looked for.

use shared::gemini::kind::Kind;

use crate::paths::Link;
use crate::paths::trail::{Corner, Trail};
use crate::render::language;
use crate::search::results::{Facet, FacetGroup};
use crate::search::{Limit, PageNumber};

/// A limit that holds.
#[derive(Debug)]
pub struct Active {
    /// What it is, in words.
    pub name: String,
    /// The same list without it.
    pub remove: Link,
}

/// Limits of one sort that would part the list.
#[derive(Debug)]
pub struct Choices {
    /// What they have in common: "Language".
    pub heading: &'static str,
    /// Each with what it leaves.
    pub choices: Vec<Choice>,
}

/// A limit that would part the list.
#[derive(Debug)]
pub struct Choice {
    /// What it is, in words.
    pub name: String,
    /// How many of the best pages it leaves.
    pub count: u32,
    /// The list with it.
    pub add: Link,
}

/// Another corner.
#[derive(Debug)]
pub struct Elsewhere {
    /// What is looked through there.
    pub name: &'static str,
    /// The same words there.
    pub link: Link,
    /// Whether it is this one.
    pub is_here: bool,
}

/// The limits of a list: those of its path, then those that were typed among the words.
pub(super) fn active(trail: &Trail, words: &str) -> Vec<Active> {
    let without = |limit| trail.without(limit).list(words, PageNumber::FIRST);
    let in_path = trail.limits.iter().map(|limit| Active { name: name(limit), remove: without(limit) });
    let typed = Limit::typed(words)
        .into_iter()
        .map(|(limit, rest)| Active { name: name(&limit), remove: trail.list(&rest, PageNumber::FIRST) });
    in_path.chain(typed).collect()
}

/// What a list can be parted by.
pub(super) fn choices(trail: &Trail, words: &str, facets: &[Facet]) -> Vec<Choices> {
    let mut groups: Vec<Choices> = Vec::new();
    for facet in facets {
        let Some(with) = trail.with(&facet.limit) else { continue };
        let (heading, name) = match facet.group {
            FacetGroup::Language => ("Language", language::name(&facet.value).to_owned()),
            FacetGroup::Kind => ("Kind", facet.value.replace('-', " ")),
            FacetGroup::Site => ("Capsule", facet.value.clone()),
        };
        let choice = Choice { name, count: facet.count, add: with.list(words, PageNumber::FIRST) };
        match groups.iter_mut().find(|group| group.heading == heading) {
            Some(group) => group.choices.push(choice),
            None => groups.push(Choices { heading, choices: vec![choice] }),
        }
    }
    groups
}

/// All corners, this one too.
pub(super) fn corners(trail: &Trail, words: &str) -> Vec<Elsewhere> {
    let elsewhere = |corner: Corner| Elsewhere {
        name: corner_name(corner),
        link: trail.in_corner(corner).list(words, PageNumber::FIRST),
        is_here: corner == trail.corner && !is_limited_to_feeds(trail),
    };
    let feeds = trail.in_corner(Corner::All).with(&Limit::kind(Kind::Feed)).map(|feeds| Elsewhere {
        name: "Feeds",
        link: feeds.list(words, PageNumber::FIRST),
        is_here: is_limited_to_feeds(trail),
    });
    Corner::EVERY.into_iter().map(elsewhere).chain(feeds).collect()
}

fn is_limited_to_feeds(trail: &Trail) -> bool {
    trail.limits.contains(&Limit::kind(Kind::Feed))
}

/// A corner by its name.
pub(super) const fn corner_name(corner: Corner) -> &'static str {
    match corner {
        Corner::All => "Everything",
        Corner::Images => "Images",
        Corner::Files => "Files",
        Corner::Audio => "Audio",
        Corner::AsciiArt => "ASCII art",
    }
}

/// What a corner is limited to.
pub(super) fn kinds(corner: Corner) -> Vec<Limit> {
    let kinds: &[Kind] = match corner {
        Corner::All => &[],
        Corner::Images => &[Kind::Image],
        Corner::Files => &[Kind::Document, Kind::Archive, Kind::Video, Kind::File],
        Corner::Audio => &[Kind::Audio],
        Corner::AsciiArt => &[Kind::AsciiArt],
    };
    kinds.iter().copied().map(Limit::kind).collect()
}

/// A limit in words: `lang:de` is "in German", `-kind:news` is "no news".
pub(super) fn name(limit: &Limit) -> String {
    let written = limit.to_string();
    let (is_without, positive) = match written.strip_prefix('-') {
        Some(positive) => (true, positive),
        None => (false, written.as_str()),
    };
    let (field, value) = positive.split_once(':').unwrap_or(("", positive));
    let named = match field {
        "lang" | "language" => format!("in {}", language::name(value)),
        "kind" => format!("only {}", value.replace('-', " ")),
        "site" => format!("on {value}"),
        _ => positive.to_owned(),
    };
    match (is_without, field) {
        (false, _) => named,
        (true, "kind") => format!("no {}", value.replace('-', " ")),
        (true, _) => format!("not {named}"),
    }
}
