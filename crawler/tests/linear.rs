//! The parser's time grows with the length of a page and no faster, whatever the page is made of.

use std::time::Duration;

use crawler::parse::{Extent, parse};
use shared::gemini::media_type::MediaType;
use shared::gemini::url::GeminiUrl;
use tokio::time::Instant;

/// Makes a page of about so many bytes.
type Shape = fn(usize) -> String;

fn time(document: &str, shape: &str) -> Duration {
    let url = GeminiUrl::parse("gemini://example.org/dir/").expect("a URL");
    let gemtext = MediaType::parse("text/gemini");
    let started = Instant::now();
    let parsed = parse(document.as_bytes(), Extent::Whole, &gemtext, &url);
    assert!(parsed.links.len() <= 2_000 && parsed.headings.len() <= 500, "{shape}");
    started.elapsed()
}

#[test]
fn a_page_four_times_as_long_takes_about_four_times_as_long() {
    let shapes: [(&str, Shape); 6] = [
        ("one line", |bytes| "word ".repeat(bytes / 5)),
        ("a million links", |bytes| "=>/\n".repeat(bytes / 4)),
        ("toggles", |bytes| "```\n".repeat(bytes / 4)),
        ("headings", |bytes| "# x\n".repeat(bytes / 4)),
        ("a block that stays open", |bytes| format!("```\n{}", "/\\\n".repeat(bytes / 3))),
        ("different links", |bytes| (0..bytes / 10).map(|number| format!("=> {number}\n")).collect()),
    ];
    for (shape, document) in shapes {
        let quarter = time(&document(1024 * 1024), shape);
        let whole = time(&document(4 * 1024 * 1024), shape);
        // A square would take sixteen times as long. Below the floor the clock measures the machine's other work.
        let floor = Duration::from_millis(100);
        assert!(whole < quarter.max(floor) * 12, "{shape}: {quarter:?}, then {whole:?}");
    }
}
