//! Whatever the store holds, it stays in its place on the screens of what is stored: no line, no link, no tag, no
//! control character of its own; and a stored text keeps its lines and gains none.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use proptest::prelude::*;
use server::paths::Link;
use server::render::gemtext::{Block as Preformatted, Shown, shown};
use server::render::plot::Plot;
use server::render::view::View;
use server::screens::page::cached;
use server::screens::sheet::{Block, Entry, Sheet};
use shared::gemini::gemtext::{Line, lines};
use shared::gemini::text::PageText;
use shared::gemini::url::GeminiUrl;
use shared::store::known::leave::StoredText;

/// What hostile pages are made of.
fn wild() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n=> gemini://evil.example/ x\n".to_owned()),
        Just("\r\n# heading\r\n* list\r\n> quote\r\n```\r\n".to_owned()),
        Just("\u{1b}]0;owned\u{7}\u{1b}[31m".to_owned()),
        Just("\u{202e}\u{2066}\u{200f}\u{2028}\u{2029}\u{85}\u{9b}\u{7}=> gemini://evil.example/".to_owned()),
        Just("</a></pre><script>x</script><!--".to_owned()),
        Just("\" onmouseover='x' ' &quot; &".to_owned()),
        Just("```\n=> javascript:alert(1) x\n=> https://web.example/?<b>\" y\n```".to_owned()),
        "\\PC{0,12}",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// Characters that no line may hold.
fn is_unsafe(character: char) -> bool {
    character.is_control() && character != '\n'
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Tags with the names of their attributes: what stands outside of quotes.
fn tags(html: &str) -> Vec<String> {
    let tag = |rest: &str| -> String {
        let mut quoted = false;
        let mut outside = String::new();
        for character in rest.chars() {
            match character {
                '"' => quoted = !quoted,
                '>' if !quoted => break,
                other if !quoted => outside.push(other),
                _ => {}
            }
        }
        outside
    };
    html.split('<').skip(1).map(tag).collect()
}

/// What each line is.
fn shapes(gemtext: &str) -> Vec<std::mem::Discriminant<Line<'_>>> {
    lines(gemtext).map(|line| std::mem::discriminant(&line)).collect()
}

/// A sheet with one of each block, its words from outside.
fn sheet(word: &dyn Fn(usize) -> String) -> Sheet {
    let url = GeminiUrl::parse("gemini://wild.example/x").unwrap();
    let entry = Entry {
        about: Link::with_words("/page", url.as_str()),
        ..Entry::gemini(&url, format!("x{}", word(0))).with([format!("x{}", word(1))])
    };
    let told = Entry { text: format!("x{}", word(2)), ..Entry::default() };
    let blocks = vec![
        Block::Text(format!("x{}", word(3))),
        Block::Facts(vec![(format!("x{}", word(4)), word(5))]),
        Block::Entries(vec![entry, told]),
        Block::Preformatted(Preformatted::new("x", "x")),
        Block::Trend(Plot::by_day("x", vec![(word(6), 3), ("x".to_owned(), 4)])),
    ];
    Sheet::new(format!("x{}", word(7)), format!("x{}", word(8))).part(format!("x{}", word(9)), blocks)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_of_the_store_begins_a_line_or_a_tag(words in proptest::collection::vec(wild(), 10)) {
        let wild = sheet(&|place| words[place].clone());
        let tame = sheet(&|_| "tame".to_owned());
        let gemtext = wild.gemtext().unwrap();
        prop_assert!(!gemtext.contains(is_unsafe), "{gemtext:?}");
        let tame_gemtext = tame.gemtext().unwrap();
        prop_assert_eq!(shapes(&gemtext), shapes(&tame_gemtext), "{}", gemtext);
        let html = wild.html().unwrap();
        prop_assert!(!html.contains(is_unsafe), "{html:?}");
        prop_assert_eq!(tags(&html), tags(&tame.html().unwrap()), "{}", html);
    }

    #[test]
    fn a_stored_text_keeps_its_lines_and_gains_none(source in wild(), gemtext in any::<bool>()) {
        let url = GeminiUrl::parse("gemini://wild.example/log/").unwrap();
        let media_type = if gemtext { "text/gemini" } else { "text/plain" };
        let text = StoredText {
            source: PageText::new(source),
            title: "x".to_owned(),
            media_type: media_type.to_owned(),
            language: None,
            fetched_at: None,
        };
        let (kept, _) = shown(text.source.as_str(), media_type, &url);
        let links = kept.iter().filter(|line| matches!(line, Shown::Link { .. })).count();
        for line in &kept {
            if let Shown::Link { url, .. } = line {
                let scheme = url.split(':').next().unwrap_or_default();
                prop_assert!(["gemini", "https", "http", "gopher", "spartan", "mailto"].contains(&scheme), "{url}");
            }
        }
        let view = cached::shown(&url, &text);
        let drawn = view.gemtext().unwrap();
        prop_assert!(!drawn.contains(is_unsafe), "{drawn:?}");
        let drawn_links = lines(&drawn).filter(|line| matches!(line, Line::Link { .. })).count();
        // The page itself, about it, and the four of the foot.
        prop_assert_eq!(drawn_links, links + 6, "{}", drawn);
        let html = view.html().unwrap();
        prop_assert!(!html.contains(is_unsafe), "{html:?}");
        let foreign = tags(&html).into_iter().find(|tag| tag.starts_with("script") || tag.contains(" on"));
        prop_assert_eq!(foreign, None, "{}", html);
    }
}
