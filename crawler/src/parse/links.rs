//! Links: resolved against the page, each target once, bounded.

use std::collections::HashMap;

use shared::gemini::text::OneLine;
use shared::gemini::url::{ForeignUrl, GeminiUrl, LinkTarget};

use super::outline::Reference;
use super::parsed::{ForeignLink, ParsedLink};

/// Targets of a page that count, into Geminispace and out of it.
const LINKS: usize = 2_000;

/// A page's links.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) gemini: Vec<ParsedLink>,
    pub(super) foreign: Vec<ForeignLink>,
}

/// Resolves references in their order. A target that comes again gives its label to the first, if that had
/// none. What is no URL is left out, as are links of the page to itself.
pub(super) fn collect(references: &[Reference<'_>], page: &GeminiUrl) -> Links {
    let mut links = Links::default();
    let mut gemini: HashMap<GeminiUrl, usize> = HashMap::new();
    let mut foreign: HashMap<String, usize> = HashMap::new();
    for reference in references {
        match page.join(reference.target) {
            Ok(LinkTarget::Gemini(target)) if target == *page => (),
            Ok(LinkTarget::Gemini(target)) => match gemini.get(&target) {
                Some(place) => name(links.gemini.get_mut(*place).map(|link| &mut link.label), reference),
                None if links.gemini.len() < LINKS => {
                    gemini.insert(target.clone(), links.gemini.len());
                    links.gemini.push(ParsedLink { target, label: OneLine::new(reference.label) });
                }
                None => (),
            },
            Ok(LinkTarget::Foreign(target)) => match foreign.get(target.as_str()) {
                Some(place) => name(links.foreign.get_mut(*place).map(|link| &mut link.label), reference),
                None if links.foreign.len() < LINKS => {
                    foreign.insert(foreign_key(&target), links.foreign.len());
                    links.foreign.push(ForeignLink { target, label: OneLine::new(reference.label) });
                }
                None => (),
            },
            Err(_) => (),
        }
    }
    links
}

fn foreign_key(target: &ForeignUrl) -> String {
    target.as_str().to_owned()
}

fn name(label: Option<&mut OneLine>, reference: &Reference<'_>) {
    if let Some(label) = label
        && label.is_empty()
    {
        *label = OneLine::new(reference.label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(references: &[(&str, &str)], expected: &[(&str, &str)], foreign: &[&str]) {
        let page = GeminiUrl::parse("gemini://example.org/dir/page.gmi").unwrap();
        let references: Vec<Reference<'_>> =
            references.iter().map(|(target, label)| Reference { target, label }).collect();
        let links = collect(&references, &page);
        let found: Vec<_> =
            links.gemini.iter().map(|link| (link.target.as_str(), link.label.as_str())).collect();
        assert_eq!(found, expected);
        let out: Vec<_> = links.foreign.iter().map(|link| link.target.as_str()).collect();
        assert_eq!(out, foreign);
    }

    #[test]
    fn links_are_resolved_and_come_once() {
        check(
            &[
                ("other.gmi", "Other"),
                ("/dir/other.gmi", "Again"),
                ("../up", ""),
                ("gemini://EXAMPLE.org:1965/up#part", "Up"),
                ("//friend.example", "Friend"),
                ("#here", "Self"),
                ("page.gmi", "Self"),
                ("https://web.example/", "Web"),
                ("mailto:me@example.org", ""),
                ("https://web.example/", "Web again"),
            ],
            &[
                ("gemini://example.org/dir/other.gmi", "Other"),
                ("gemini://example.org/up", "Up"),
                ("gemini://friend.example/", "Friend"),
            ],
            &["https://web.example/", "mailto:me@example.org"],
        );
    }

    #[test]
    fn what_is_no_url_is_left_out() {
        let long = format!("/{}", "a".repeat(2_000));
        check(&[("gemini://", ""), ("gemini://u@h/", ""), (&long, "long")], &[], &[]);
    }

    #[test]
    fn a_page_has_at_most_2000_links() {
        let page = GeminiUrl::parse("gemini://example.org/").unwrap();
        let targets: Vec<String> = (0..5_000).map(|number| format!("/{number}")).collect();
        let references: Vec<Reference<'_>> =
            targets.iter().map(|target| Reference { target, label: "" }).collect();
        assert_eq!(collect(&references, &page).gemini.len(), LINKS);
    }
}
