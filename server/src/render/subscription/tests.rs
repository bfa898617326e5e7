use chrono::TimeDelta;

use super::*;

fn entry(url: &str, title: &str, seconds: i64) -> Entry {
    Entry {
        url: GeminiUrl::parse(url).unwrap(),
        title: OneLine::new(title),
        first_seen: DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds),
    }
}

fn list(entries: Vec<Entry>) -> Subscription {
    let address = "gemini://sextant.example/search/feed/atom?tea".to_owned();
    Subscription::new("tea", "New pages.", "gemini://sextant.example/search?tea".to_owned(), address, entries)
}

#[test]
fn the_newest_fifty_come_in_the_order_they_were_first_seen_in() {
    let mut entries: Vec<Entry> =
        (0..120).map(|n| entry(&format!("gemini://a.example/{n}"), "t", n)).collect();
    entries.push(entry("gemini://a.example/119", "seen again", 500));
    let forwards = list(entries.clone());
    entries.reverse();
    assert_eq!(forwards, list(entries), "in whatever order they were found");
    let text = forwards.gemfeed();
    let links: Vec<&str> = text.lines().filter(|line| line.starts_with("=> gemini://a.")).collect();
    assert_eq!(links.len(), ENTRIES);
    assert_eq!(links[0], "=> gemini://a.example/119 2024-10-04 t");
    assert_eq!(links[49], "=> gemini://a.example/70 2024-10-04 t");
}

#[test]
fn an_edited_page_stays_the_entry_it_was() {
    let before = list(vec![entry("gemini://a.example/1", "Old title", 7)]);
    let after = list(vec![entry("gemini://a.example/1", "New title", 7)]);
    let ids = |list: &Subscription| {
        let feed = Feed::read_from(list.atom().unwrap().as_slice()).unwrap();
        feed.entries.iter().map(|entry| (entry.id.clone(), entry.updated)).collect::<Vec<_>>()
    };
    assert_eq!(ids(&before), ids(&after));
    assert_eq!(ids(&before)[0].0, "gemini://a.example/1");
}

#[test]
fn hostile_titles_stay_titles() {
    let wild = "</title><script>x</script>&\u{ffff}\n=> gemini://evil.example/ \u{202e}";
    let list = list(vec![entry("gemini://a.example/?%22%3C", wild, 0), entry("gemini://b.example/", "", 1)]);
    let bytes = list.atom().unwrap();
    let feed = Feed::read_from(bytes.as_slice()).unwrap();
    assert_eq!(feed.entries.len(), 2);
    assert_eq!(feed.entries[1].title.value, "</title><script>x</script>& => gemini://evil.example/");
    assert_eq!(feed.entries[0].title.value, "gemini://b.example/");
    assert!(!String::from_utf8(bytes).unwrap().contains("<script>"));
    let lines = list.gemfeed();
    assert_eq!(lines.lines().filter(|line| line.starts_with("=>")).count(), 3);
}

#[test]
fn an_empty_list_is_a_list() {
    let list = list(Vec::new());
    let feed = Feed::read_from(list.atom().unwrap().as_slice()).unwrap();
    assert_eq!(feed.updated, DateTime::UNIX_EPOCH.fixed_offset());
    assert!(list.gemfeed().contains("No page is in this list so far."));
}
