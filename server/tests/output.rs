//! Whatever a page holds, it stays in its place: no line, no link, no tag, no control character of its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/found.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod found;

use proptest::prelude::*;
use server::app::manners::Manners;
use server::paths::Link;
use server::paths::trail::{Corner, Trail};
use server::render::view::View;
use server::screens::find::results;
use server::search::results::{Hit, Note, Results, Role, Snippet, Span};
use server::search::{PageNumber, Verbosity};
use shared::gemini::gemtext::{Line, lines};
use shared::gemini::kind::Kind;
use shared::gemini::media_type::Language;
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::GeminiUrl;

/// What hostile pages are made of.
fn wild() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("=> gemini://evil.example/ x".to_owned()),
        Just("\n=> gemini://evil.example/\n".to_owned()),
        Just("\r\n# heading\r\n* list\r\n> quote\r\n```\r\n".to_owned()),
        Just("\u{1b}]0;owned\u{7}\u{1b}[31m".to_owned()),
        Just("\u{202e}\u{2066}\u{200f}\u{2028}\u{2029}\u{85}\u{9b}".to_owned()),
        Just("</a><script>x</script><!--".to_owned()),
        Just("\" onmouseover='x' ' &quot; &".to_owned()),
        Just("{{ view }} {% if %}".to_owned()),
        "\\PC{0,12}",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn wild_url() -> impl Strategy<Value = GeminiUrl> {
    (wild(), wild()).prop_map(|(path, query)| {
        let clean = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        let url = format!("gemini://wild.example/{}?{}", clean(&path), clean(&query));
        GeminiUrl::parse(&url).unwrap_or_else(|_| GeminiUrl::parse("gemini://wild.example/").unwrap())
    })
}

fn wild_hit() -> impl Strategy<Value = Hit> {
    let quote = proptest::collection::vec((wild(), any::<bool>()), 0..4);
    (wild_url(), wild(), quote, wild(), wild(), 0..3_u32).prop_map(
        |(url, title, quote, media_type, language, more_from_site)| Hit {
            site: url.site(),
            url,
            title: OneLine::new(&title),
            media_type,
            kind: Kind::Feed,
            language: Some(Language::parse(&language)),
            snippet: Snippet(
                quote
                    .into_iter()
                    .map(|(text, matched)| Span {
                        text,
                        role: if matched { Role::Match } else { Role::Plain },
                    })
                    .collect(),
            ),
            more_from_site,
            ..found::hit("gemini://wild.example/", "", "")
        },
    )
}

/// Characters that no line may hold.
fn is_unsafe(character: char) -> bool {
    character.is_control() && character != '\n'
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The tags of an HTML text, in order, without their attributes; and whether every attribute is a known one.
fn tags(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in html.split('<').skip(1) {
        let tag = rest.split('>').next().unwrap();
        found.push(tag.split([' ', '\n']).next().unwrap().to_owned());
        // Outside of quotes only names of attributes may stand.
        let outside: String = tag.split('"').step_by(2).collect();
        for name in outside.split_whitespace().skip(1) {
            let name = name.trim_end_matches('=');
            let known = [
                "class",
                "href",
                "rel",
                "dir",
                "lang",
                "id",
                "name",
                "type",
                "value",
                "action",
                "method",
                "role",
                "for",
                "maxlength",
                "autocomplete",
                "autocapitalize",
                "spellcheck",
                "enterkeyhint",
                "charset",
                "content",
                "src",
                "alt",
                "width",
                "height",
                "start",
                "aria-label",
                "aria-hidden",
                "scope",
                "datetime",
                "html",
                "title",
                "aria-labelledby",
                "placeholder",
                "aria-current",
                "required",
                "tabindex",
                "min",
                "max",
            ];
            assert!(known.contains(&name), "an attribute that no template has: {name} in <{tag}>");
        }
    }
    found
}

/// A URL without malice that fits into as many links as this one.
fn tame_url(wild: &GeminiUrl) -> String {
    let length = if Link::with_words("/page", wild.as_str()).is_some() { 1 } else { 900 };
    format!("gemini://tame.example/{}", "x".repeat(length))
}

/// What each line is.
fn shapes(gemtext: &str) -> Vec<std::mem::Discriminant<Line<'_>>> {
    lines(gemtext).map(|line| std::mem::discriminant(&line)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_of_a_page_begins_a_line_or_a_tag(
        words in wild(),
        hits in proptest::collection::vec(wild_hit(), 0..4),
        note in wild(),
        total in 0..3_000_u64,
    ) {
        let tame = |hit: &Hit| Hit {
            more_from_site: hit.more_from_site,
            snippet: if hit.snippet.0.is_empty() { Snippet::default() } else {
                Snippet(hit.snippet.0.iter().map(|span| Span { text: "x".to_owned(), role: span.role }).collect())
            },
            media_type: "x".repeat(usize::from(!hit.media_type.is_empty())),
            kind: Kind::Feed,
            language: hit.language.clone(),
            ..found::hit(&tame_url(&hit.url), "tame", "")
        };
        let results = |hits: Vec<Hit>, note: &str| Results {
            hits,
            total,
            notes: vec![Note::NotUnderstood(note.to_owned())],
            last_page: PageNumber::new(9).unwrap(),
            ..found::results()
        };
        let tame_hits = hits.iter().map(tame).collect();
        let trail = Trail { verbosity: Verbosity::Explained, ..Trail::default() };
        let manners = Manners::of(Vec::new());
        let wild_view = results::shown(&words, &results(hits.clone(), &note), &trail, &manners);
        // Words that look like a host have a link more, and where there are none there is one less.
        let tame_words = match (words.is_empty(), &wild_view.address) {
            (true, _) => "",
            (false, None) => "words",
            (false, Some(_)) => "words.example",
        };
        let tame_view = results::shown(tame_words, &results(tame_hits, "note"), &trail, &manners);

        let gemtext = wild_view.gemtext().unwrap();
        prop_assert!(!gemtext.contains(is_unsafe), "{gemtext:?}");
        let tame_gemtext = tame_view.gemtext().unwrap();
        prop_assert_eq!(shapes(&gemtext), shapes(&tame_gemtext), "{}", gemtext);
        let links = lines(&gemtext).filter(|line| matches!(line, Line::Link { .. })).count();
        let more = hits.iter().filter(|hit| hit.more_from_site > 0).count();
        let of_hits = lines(&gemtext)
            .filter(|line| matches!(line, Line::Link { target, .. } if target.starts_with("gemini://")))
            .count();
        prop_assert_eq!(of_hits, hits.len());
        prop_assert!(links >= hits.len() + more);
        for line in lines(&gemtext) {
            if let Line::Link { target, .. } = line {
                prop_assert!(target.len() <= 1_024, "a link of {} bytes", target.len());
            }
        }

        let html = wild_view.html().unwrap();
        prop_assert!(!html.contains(is_unsafe), "{html:?}");
        prop_assert_eq!(tags(&html), tags(&tame_view.html().unwrap()), "{}", html);
    }

    #[test]
    fn no_picture_of_characters_leaves_its_frame(art in wild(), title in wild()) {
        let picture = |art: &str, title: &str| Results {
            hits: vec![Hit { art: PageText::new(art.to_owned()), ..found::hit("gemini://a.example/", title, "") }],
            ..found::results()
        };
        let trail = Trail { corner: Corner::AsciiArt, ..Trail::default() };
        let view = results::shown("art", &picture(&art, &title), &trail, &Manners::of(Vec::new()));
        let tame = results::shown("art", &picture("x", "x"), &trail, &Manners::of(Vec::new()));
        let gemtext = view.gemtext().unwrap();
        prop_assert!(!gemtext.contains(is_unsafe), "{gemtext:?}");
        let outside = |gemtext: &str| {
            lines(gemtext).filter(|line| matches!(line, Line::Link { .. })).count()
        };
        prop_assert_eq!(outside(&gemtext), outside(&tame.gemtext().unwrap()), "{}", gemtext);
        let html = view.html().unwrap();
        prop_assert!(!html.contains(is_unsafe), "{html:?}");
        let mut expected = tags(&tame.html().unwrap());
        if !html.contains("<pre") {
            expected.retain(|tag| tag != "pre" && tag != "/pre");
        }
        prop_assert_eq!(tags(&html), expected, "{}", html);
    }
}
