//! twtxt: lines of a moment, a tab and a text; `# nick = ann` says whose they are (twtxt.readthedocs.io).

use super::entry::{ENTRIES, Entry, Feed, Place};

/// Lines that are looked at to know whether it is one.
const LOOKED_AT: usize = 60;

/// Reads a twtxt; none where most lines are something else.
pub(crate) fn read(document: &str) -> Option<Feed> {
    let lines = || document.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let all = lines().take(LOOKED_AT).count();
    let twts = lines().take(LOOKED_AT).filter(|line| twt(line).is_some()).count();
    if twts == 0 || twts * 3 < all * 2 {
        return None;
    }
    let mut feed = Feed::default();
    for field in document.lines().filter_map(|line| line.strip_prefix('#')).take(ENTRIES) {
        let Some((name, value)) = field.split_once('=') else { continue };
        match (name.trim(), value.trim()) {
            ("nick", nick) if feed.title.is_empty() => nick.clone_into(&mut feed.title),
            ("description", text) if feed.about.is_empty() => text.clone_into(&mut feed.about),
            ("follow" | "link", value) => {
                if let Some((label, target)) = value.rsplit_once(char::is_whitespace) {
                    feed.links.push((target.to_owned(), label.trim().to_owned()));
                }
            }
            _ => (),
        }
    }
    feed.entries = lines().filter_map(twt).collect();
    // New lines stand at the end of some and at the beginning of others.
    feed.entries.sort_by_key(|entry| std::cmp::Reverse(entry.published));
    feed.entries.truncate(ENTRIES);
    Some(feed)
}

fn twt(line: &str) -> Option<Entry> {
    let (moment, text) = line.split_once('\t')?;
    let published = super::entry::moment(moment).filter(|_| moment.contains(['T', ' ']))?;
    let (title, links) = mentions(text.trim());
    Some(Entry { title, links, published: Some(published), place: Place::Here, ..Entry::default() })
}

/// `@<nick url>` is read as `@nick` and links to somebody's twtxt; URLs of Geminispace are links too.
fn mentions(text: &str) -> (String, Vec<(String, String)>) {
    let mut links = Vec::new();
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once("@<") {
        said.push_str(before);
        said.push('@');
        let Some((inside, after)) = from.split_once('>') else {
            said.push('<');
            rest = from;
            break;
        };
        let (nick, url) = inside.trim().rsplit_once(char::is_whitespace).unwrap_or(("", inside));
        said.push_str(if nick.is_empty() { url } else { nick.trim() });
        links.push((url.to_owned(), nick.trim().to_owned()));
        rest = after;
    }
    said.push_str(rest);
    let urls = rest.split_whitespace().filter(|word| word.starts_with("gemini://"));
    links.extend(urls.map(|url| (url.trim_end_matches(['.', ',', ')', ';']).to_owned(), String::new())));
    (said, links)
}
