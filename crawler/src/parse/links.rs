//! Links into Geminispace: resolved against the page, each target once, bounded.

use std::collections::HashMap;

use shared::gemini::text::OneLine;
use shared::gemini::url::{GeminiUrl, LinkTarget};

use super::outline::Reference;
use super::parsed::ParsedLink;

/// Targets of a page that count.
const LINKS: usize = 2_000;

/// Resolves references in their order. A target that comes again gives its label to the first, if that had
/// none. What is no URL is left out, as are links out of Geminispace and those of the page to itself.
pub(super) fn collect(references: &[Reference<'_>], page: &GeminiUrl) -> Vec<ParsedLink> {
    let mut links: Vec<ParsedLink> = Vec::new();
    let mut places: HashMap<GeminiUrl, usize> = HashMap::new();
    for reference in references {
        let Ok(LinkTarget::Gemini(target)) = page.join(reference.target) else { continue };
        if target == *page {
            continue;
        }
        match places.get(&target) {
            Some(place) => name(links.get_mut(*place), reference),
            None if links.len() < LINKS => {
                places.insert(target.clone(), links.len());
                links.push(ParsedLink { target, label: OneLine::new(reference.label) });
            }
            None => (),
        }
    }
    links
}

fn name(link: Option<&mut ParsedLink>, reference: &Reference<'_>) {
    if let Some(link) = link
        && link.label.is_empty()
    {
        link.label = OneLine::new(reference.label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(references: &[(&str, &str)], expected: &[(&str, &str)]) {
        let page = GeminiUrl::parse("gemini://example.org/dir/page.gmi").unwrap();
        let references: Vec<Reference<'_>> =
            references.iter().map(|(target, label)| Reference { target, label }).collect();
        let links = collect(&references, &page);
        let found: Vec<_> = links.iter().map(|link| (link.target.as_str(), link.label.as_str())).collect();
        assert_eq!(found, expected);
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
            ],
            &[
                ("gemini://example.org/dir/other.gmi", "Other"),
                ("gemini://example.org/up", "Up"),
                ("gemini://friend.example/", "Friend"),
            ],
        );
    }

    #[test]
    fn what_is_no_url_is_left_out() {
        let long = format!("/{}", "a".repeat(2_000));
        check(&[("gemini://", ""), ("gemini://u@h/", ""), (&long, "long")], &[]);
    }

    #[test]
    fn a_page_has_at_most_2000_links() {
        let page = GeminiUrl::parse("gemini://example.org/").unwrap();
        let targets: Vec<String> = (0..5_000).map(|number| format!("/{number}")).collect();
        let references: Vec<Reference<'_>> =
            targets.iter().map(|target| Reference { target, label: "" }).collect();
        assert_eq!(collect(&references, &page).len(), LINKS);
    }
}
