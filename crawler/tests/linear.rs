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
    let shapes: [(&str, &str, Shape); 9] = [
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
