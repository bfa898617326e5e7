//! Limits beside the words: what a screen keeps in its path, lists, and takes away one by one.
//!
//! They are written as in a query (`lang:de`, `-kind:news`). Among themselves they hold as in a query:
//! alternatives where they are of one kind, together otherwise. Beside the words they always hold: nobody
//! leaves the search of one site by typing another.

use std::fmt;

use shared::gemini::kind::Kind;
use shared::gemini::media_type::Language;
use shared::gemini::site::Site;
use shared::gemini::text::OneLine;

use super::query::{Filter, Group, Node};
use super::scan::{conditions, limits, pieces};

/// One limit, as it is written in a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    written: String,
    node: LimitNode,
}

/// What a limit asks.
#[derive(Clone, Debug, PartialEq)]
enum LimitNode {
    Only(Filter),
    Without(Filter),
}

impl Limit {
    /// The limits in a text such as `lang:de -kind:news`; none, if anything else stands in it.
    #[must_use]
    pub fn list(text: &str) -> Option<Vec<Self>> {
        pieces(text).into_iter().map(|piece| Self::parse(&piece)).collect()
    }

    /// The limits that were typed among words, each with the words that are left without it.
    #[must_use]
    pub fn typed(text: &str) -> Vec<(Self, String)> {
        conditions(text)
            .into_iter()
            .filter_map(|(written, rest)| Some((Self::parse(&written)?, rest)))
            .collect()
    }

    /// One limit; none, if the text is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let written = OneLine::new(text.trim()).as_str().to_owned();
        let Group { wanted, mut filters, mut without } = limits(&written)?;
        let node = match (filters.pop(), without.pop()) {
            (Some(filter), None) => LimitNode::Only(filter),
            (None, Some(Node::Filter(filter))) => LimitNode::Without(filter),
            (_, Some(_)) | (None, None) => return None,
        };
        let is_one = wanted.is_empty() && filters.is_empty() && without.is_empty();
        is_one.then_some(Self { written, node })
    }

    /// Only pages in a language.
    #[must_use]
    pub fn language(language: &Language) -> Self {
        Self::only("lang", language.as_str(), Filter::Language(language.as_str().to_owned()))
    }

    /// Only pages of a kind.
    #[must_use]
    pub fn kind(kind: Kind) -> Self {
        Self::only("kind", kind.as_str(), Filter::Kind(kind))
    }

    /// Only pages of a site.
    #[must_use]
    pub fn site(site: &Site) -> Option<Self> {
        Self::parse(&format!("site:{site}"))
    }

    fn only(name: &str, value: &str, filter: Filter) -> Self {
        Self { written: format!("{name}:{value}"), node: LimitNode::Only(filter) }
    }

    /// The filter, whichever way it is meant.
    pub(crate) const fn filter(&self) -> &Filter {
        match &self.node {
            LimitNode::Only(filter) | LimitNode::Without(filter) => filter,
        }
    }

    /// Adds it to what holds for every page.
    pub(crate) fn add_to(&self, group: &mut Group) {
        match &self.node {
            LimitNode::Only(filter) => group.filters.push(filter.clone()),
            LimitNode::Without(filter) => group.without.push(Node::Filter(filter.clone())),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_in_a_query_and_nothing_else_is_one() {
        let check = |text: &str, expected: Option<&[&str]>| {
            let found =
                Limit::list(text).map(|limits| limits.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(
                found.as_deref(),
                expected.map(|e| e.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()).as_deref(),
                "{text}"
            );
        };
        check("lang:de", Some(&["lang:de"]));
        check(" lang:de  -kind:news ", Some(&["lang:de", "-kind:news"]));
        check("NOT kind:news", Some(&["-kind:news"]));
        check("intitle:\"two words\" size:>5K", Some(&["intitle:\"two words\"", "size:>5K"]));
        check("", Some(&[]));
        check("cat", None);
        check("lang:de cat", None);
        check("lang:klingonese", None);
        check("(lang:de)", None);
        check("lang:de OR lang:fr", None);
    }

    #[test]
    fn a_facet_is_the_limit_that_a_person_would_type() {
        assert_eq!(Limit::parse("kind:gemlog"), Some(Limit::kind(Kind::Gemlog)));
        assert_eq!(Limit::parse("lang:de"), Some(Limit::language(&Language::parse("de"))));
        let site = shared::gemini::url::GeminiUrl::parse("gemini://a.example/~ann/x").unwrap().site();
        assert_eq!(Limit::site(&site).unwrap().to_string(), format!("site:{site}"));
    }

    #[test]
    fn a_limit_among_words_comes_with_the_words_that_are_left() {
        for (text, expected) in [
            ("red panda", &[][..]),
            ("red lang:de panda", &[("lang:de", "red panda")]),
            ("-kind:news red", &[("-kind:news", "red")]),
            ("red NOT lang:en", &[("-lang:en", "red")]),
            (
                "lang:de \"red panda\" size:>5K",
                &[("lang:de", "\"red panda\" size:>5K"), ("size:>5K", "lang:de \"red panda\"")],
            ),
            ("(lang:de OR lang:fr) wine", &[]),
            ("wine lang:de OR lang:fr", &[]),
            ("lang:klingonese wine", &[]),
            ("lang:de", &[("lang:de", "")]),
        ] {
            let found = Limit::typed(text);
            let found: Vec<(String, &str)> =
                found.iter().map(|(limit, rest)| (limit.to_string(), rest.as_str())).collect();
            let found: Vec<(&str, &str)> =
                found.iter().map(|(limit, rest)| (limit.as_str(), *rest)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
