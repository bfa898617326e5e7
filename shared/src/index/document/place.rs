//! What a URL says of a page: its words, the places it lies in, its type, and where it links to.

use std::collections::BTreeSet;

use crate::gemini::site::Site;
use crate::gemini::url::GeminiUrl;
use crate::index::schema::without_scheme;

/// Folders of a URL that can be searched within.
const FOLDERS: usize = 24;

/// The words of a URL: host without its port, user and path, percent-decoded.
pub(super) fn url_text(url: &GeminiUrl) -> String {
    let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    format!("{} {}", url.host(), path.replace(['_', '-'], " "))
}

/// The capsule, its host, each folder on the way, and the URL itself.
pub(super) fn places(url: &GeminiUrl) -> BTreeSet<String> {
    let capsule = url.capsule().to_string();
    let path = url.path();
    let mut places =
        BTreeSet::from([capsule.clone(), url.host().to_string(), without_scheme(url).to_owned()]);
    for (end, _) in path.match_indices('/').take(FOLDERS) {
        places.insert(format!("{capsule}{}", &path[..=end]));
    }
    places
}

/// The host and every parent domain of it; an address has no parents.
pub(super) fn domains(url: &GeminiUrl) -> Vec<&str> {
    let host = url.host().as_str();
    let mut domains = vec![host];
    if url.host().ip().is_none() {
        domains.extend(host.match_indices('.').map(|(dot, _)| &host[dot + 1..]));
    }
    domains
}

/// `text/gemini` as `text/gemini`, `text`, `gemini`, and the extension as `.gmi`.
pub(super) fn media_terms(media_type: &str, path: &str) -> BTreeSet<String> {
    let essence = media_type.to_ascii_lowercase();
    let mut terms = BTreeSet::new();
    if let Some((class, format)) = essence.split_once('/') {
        terms.extend([class.to_owned(), format.to_owned()]);
    }
    let file = path.rsplit('/').next().unwrap_or_default();
    if let Some((_, extension)) = file.rsplit_once('.')
        && (1..=8).contains(&extension.len())
    {
        terms.insert(format!(".{}", extension.to_ascii_lowercase()));
    }
    terms.insert(essence);
    terms
}

/// What a page links to: the URL, and for other sites also the site and the capsule.
pub(super) fn link_terms(links: &[GeminiUrl], own: &Site) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for link in links {
        terms.insert(without_scheme(link).to_owned());
        let site = link.site();
        if site != *own {
            terms.insert(site.to_string());
            terms.insert(link.capsule().to_string());
        }
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_lies_in_its_folders_and_domains() {
        let url = GeminiUrl::parse("gemini://a.example:1966/x/y.gmi?q").unwrap();
        let places: Vec<String> = places(&url).into_iter().collect();
        let expected = [
            "a.example",
            "a.example:1966",
            "a.example:1966/",
            "a.example:1966/x/",
            "a.example:1966/x/y.gmi?q",
        ];
        assert_eq!(places, expected);
        assert_eq!(domains(&url), ["a.example", "example"]);
        let media: Vec<String> = media_terms("text/gemini", "/x/y.gmi").into_iter().collect();
        assert_eq!(media, [".gmi", "gemini", "text", "text/gemini"]);
    }
}
