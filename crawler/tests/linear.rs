//! The parser's time grows with the length of a page and no faster, whatever the page is made of.

use std::time::Duration;

use crawler::parse::{Extent, parse};
use shared::gemini::media_type::MediaType;
use shared::gemini::url::GeminiUrl;
use tokio::time::Instant;

/// Makes a page of about so many bytes.
type Shape = fn(usize) -> String;

const FULL_SIZE: [&str; 2] = ["one line", "a million links"];

fn time(document: &str, media_type: &str, shape: &str) -> Duration {
    let url = GeminiUrl::parse("gemini://example.org/dir/").expect("a URL");
    let media_type = MediaType::parse(media_type);
    let started = Instant::now();
    let parsed = parse(document.as_bytes(), Extent::Whole, &media_type, &url);
    assert!(parsed.links.len() <= 2_000 && parsed.headings.len() <= 500, "{shape}");
    started.elapsed()
}

#[test]
fn a_page_four_times_as_long_takes_about_four_times_as_long() {
    let shapes: [(&str, &str, Shape); 21] = [
        ("text/gemini", "one line", |bytes| "word ".repeat(bytes / 5)),
        ("text/gemini", "a million links", |bytes| "=>/\n".repeat(bytes / 4)),
        ("text/gemini", "toggles", |bytes| "```\n".repeat(bytes / 4)),
        ("text/gemini", "headings", |bytes| "# x\n".repeat(bytes / 4)),
        ("text/gemini", "a block that stays open", |bytes| format!("```\n{}", "/\\\n".repeat(bytes / 3))),
        ("text/gemini", "different links", |bytes| {
            (0..bytes / 10).map(|number| format!("=> {number}\n")).collect()
        }),
        ("text/markdown", "brackets", |bytes| "[".repeat(bytes)),
        ("text/markdown", "links that never end", |bytes| "[a](".repeat(bytes / 4)),
        ("application/atom+xml", "elements within elements", |bytes| {
            format!("<feed><title>{}", "<a>".repeat(bytes / 3))
        }),
        ("application/atom+xml", "a title of elements", |bytes| {
            format!("<feed><entry><title type='xhtml'>{}", "<b>x".repeat(bytes / 4))
        }),
        ("application/atom+xml", "namespaces", |bytes| {
            (0..bytes / 30).map(|number| format!("<feed xmlns:n{number}='urn:{number}'>")).collect()
        }),
        ("application/atom+xml", "attributes", |bytes| {
            let attributes: String = (0..bytes / 12).map(|number| format!(" a{number}='b'")).collect();
            format!("<feed><entry{attributes}>")
        }),
        ("application/atom+xml", "entries", |bytes| {
            format!("<feed>{}</feed>", "<entry><title>x</title><link href='/a'/></entry>".repeat(bytes / 48))
        }),
        ("application/rss+xml", "items that never end", |bytes| {
            format!("<rss><channel>{}", "<item><title>x".repeat(bytes / 14))
        }),
        ("application/rss+xml", "entities", |bytes| {
            format!("<rss><channel><title>{}", "&amp;".repeat(bytes / 5))
        }),
        ("text/plain", "a twtxt", |bytes| "2026-01-31T10:00:00Z\thi @<a b>\n".repeat(bytes / 32)),
        ("text/plain", "mentions that never end", |bytes| {
            format!("2026-01-31T10:00:00Z\t{}", "@<".repeat(bytes / 2))
        }),
        ("text/gemini", "a gemfeed", |bytes| "=> /a 2026-01-31 x\n".repeat(bytes / 19)),
        ("text/gemini", "one line of dates", |bytes| "12 May 2026 at 10:11 UTC ".repeat(bytes / 25)),
        ("text/gemini", "a block of one line", |bytes| format!("```\n{}\n```", "/| ".repeat(bytes / 3))),
        ("text/html", "tags that never end", |bytes| "<a".repeat(bytes / 2)),
    ];
    for (media_type, shape, document) in shapes {
        // Two of them up to the size that is fetched at most; the others show their slope below it.
        let most = if FULL_SIZE.contains(&shape) { 4 * 1024 * 1024 } else { 1024 * 1024 };
        let quarter = time(&document(most / 4), media_type, shape);
        let whole = time(&document(most), media_type, shape);
        // A square would take sixteen times as long. Below the floor the clock measures the machine's other work.
        let floor = Duration::from_millis(100);
        assert!(whole < quarter.max(floor) * 12, "{shape}: {quarter:?}, then {whole:?}");
    }
}
