//! Hostile titles, quotes and URLs at the seam where answers become bytes: a real HTML parser and
//! the rules of gemtext say what came of them.
//!
//! `SEXTANT_TEST_OUTPUTS` says how many hits are drawn, each with a title, quotes and a URL of its own: some thousands
//! here, a million in the nightly part `output`. Every run draws the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/found.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod found;

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use server::app::manners::Manners;
use server::paths::trail::Trail;
use server::paths::{self, Link};
use server::render;
use server::render::answer::{Answer, Page};
use server::screens::find::results;
use server::screens::page::cached;
use server::screens::sheet::{Block, Entry, Sheet};
use server::search::results::{Hit, Results, Role, Snippet, Span};
use server::search::{HITS_PER_PAGE, PageNumber, Verbosity};
use shared::gemini::gemtext::{Line, lines};
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::GeminiUrl;
use shared::store::known::leave::StoredText;

/// Hits that are drawn.
const HITS: usize = 10_000;

/// What hostile pages are made of.
const PIECES: [&str; 26] = [
    "=> gemini://evil.example/ x",
    "\n=> gemini://evil.example/\n",
    "\r=> gemini://evil.example/\r",
    "\r\n# heading\r\n* list\r\n> quote\r\n```\r\n",
    "20 text/gemini\r\n",
    "\u{1b}]0;owned\u{7}\u{1b}[31m\u{9b}31m",
    "\u{202e}\u{2066}\u{200f}\u{202a}",
    "\u{2028}=> gemini://evil.example/\u{2029}\u{85}\u{b}\u{c}",
    "</a><script>alert(1)</script><!--",
    "--></bdi></li></ol></main><iframe srcdoc='x'>",
    "\" onmouseover='x' ' &quot; &",
    "' style=\"x\" autofocus onfocus=alert(1) x='",
    "<svg/onload=alert(1)><math><style><title>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "javascript:alert(1)",
    "data:text/html,<script>x</script>",
    "<base href=https://evil.example/><meta http-equiv=refresh content=0>",
    "{{ view }} {% if %}",
    "&#10;=> gemini://evil.example/ &#x3c;script&#x3e;",
    "%0A%3D%3E%20gemini://evil.example/%0D%0A",
    "\u{0}\u{1}\u{8}\u{7f}\u{fffd}",
    "نجوم الملاحة",
    "航海と星",
    "e\u{301}\u{327}\u{200d}\u{feff}",
    "a plain word",
    " ",
];

struct Wild(StdRng);

impl Wild {
    fn text(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.0.random_range(0..5) {
            if self.0.random_ratio(1, 6) {
                let any = |random: &mut StdRng| random.random::<char>();
                text.extend((0..self.0.random_range(0..9)).map(|_| any(&mut self.0)));
            } else {
                text.push_str(PIECES[self.0.random_range(0..PIECES.len())]);
            }
        }
        text
    }

    /// A URL as a page may hold it; what is refused where pages are read stands in no answer.
    fn url(&mut self) -> GeminiUrl {
        let wild = format!("gemini://wild.example/{}?{}", self.text(), self.text());
        let tamed = || wild.chars().filter(|c| !c.is_control()).collect::<String>();
        GeminiUrl::parse(&wild)
            .or_else(|_| GeminiUrl::parse(&tamed()))
            .unwrap_or_else(|_| GeminiUrl::parse("gemini://wild.example/").unwrap())
    }

    fn hit(&mut self) -> Hit {
        let url = self.url();
        let quote = (0..self.0.random_range(0..4)).map(|place| Span {
            text: self.text(),
            role: if place % 2 == 0 { Role::Plain } else { Role::Match },
        });
        let snippet = Snippet(quote.collect());
        Hit {
            site: url.site(),
            title: OneLine::new(&self.text()),
            media_type: self.text(),
            more_from_site: self.0.random_range(0..3),
            snippet,
            url,
            ..found::hit("gemini://wild.example/", "", "")
        }
    }
}

/// The body of a gemtext answer: no byte below a space but the ends of lines, and nothing else that acts.
fn gemtext(answer: Answer) -> String {
    let bytes = render::gemtext(&Ok(answer));
    let text = String::from_utf8(bytes).unwrap();
    let (header, body) = text.split_once("\r\n").unwrap();
    assert_eq!(header, "20 text/gemini; charset=utf-8; lang=en");
    let acts = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!body.contains(acts), "{body:?}");
    body.to_owned()
}

/// Where the link lines lead that lead into Geminispace, and how many lead to us.
fn links(body: &str) -> (Vec<&str>, usize) {
    let targets = lines(body).filter_map(|line| match line {
        Line::Link { target, .. } => {
            assert!(target.len() <= 1_024, "a link of {} bytes", target.len());
            Some(target)
        }
        _ => None,
    });
    let (away, ours): (Vec<&str>, Vec<&str>) = targets.partition(|target| !target.starts_with('/'));
    (away, ours.len())
}

/// What a parser makes of an HTML page.
#[derive(Default)]
struct Seen {
    /// Links to pages of Geminispace.
    away: RefCell<Vec<String>>,
    /// What must not be there.
    wrong: RefCell<Vec<String>>,
}

/// Elements that our templates have.
const ELEMENTS: [&str; 52] = [
    "a",
    "article",
    "bdi",
    "blockquote",
    "body",
    "button",
    "caption",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "header",
    "html",
    "img",
    "input",
    "label",
    "li",
    "link",
    "main",
    "mark",
    "meta",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "span",
    "summary",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "strong",
    "time",
    "abbr",
    "em",
    "hr",
];

impl Seen {
    fn tag(&self, tag: &Tag) {
        let name = &*tag.name;
        let mut wrong = self.wrong.borrow_mut();
        if !ELEMENTS.contains(&name) {
            wrong.push(format!("an element {name}"));
        }
        for attribute in &tag.attrs {
            let (key, value) = (&*attribute.name.local, &*attribute.value);
            let is_target = matches!(key, "href" | "src" | "action" | "formaction" | "poster" | "data");
            let is_ours = value.starts_with('/') && !value.starts_with("//") || value == "#main";
            if key.starts_with("on") || matches!(key, "style" | "srcdoc" | "srcset" | "http-equiv" | "ping") {
                wrong.push(format!("an attribute {key} of {name}"));
            } else if is_target && name == "a" && value.starts_with("gemini://") {
                self.away.borrow_mut().push(value.to_owned());
            } else if is_target && !is_ours {
                wrong.push(format!("{key}={value:?} of {name}"));
            }
        }
    }
}

impl TokenSink for Seen {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => self.tag(&tag),
            Token::CommentToken(text) => self.wrong.borrow_mut().push(format!("a comment {text}")),
            Token::NullCharacterToken => self.wrong.borrow_mut().push("a null character".to_owned()),
            Token::ParseError(error) => self.wrong.borrow_mut().push(error.to_string()),
            Token::TagToken(_) | Token::CharacterTokens(_) | Token::DoctypeToken(_) | Token::EOFToken => {}
        }
        TokenSinkResult::Continue
    }
}

/// Where the links of an HTML page lead into Geminispace, after a parser has found no fault in it.
fn parsed(page: &Page) -> Vec<String> {
    let html = render::html(page).unwrap();
    let tokenizer = Tokenizer::new(Seen::default(), Default::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html.as_str()));
    while !queue.is_empty() {
        let _script = tokenizer.feed(&queue);
    }
    tokenizer.end();
    let wrong = tokenizer.sink.wrong.take();
    assert!(wrong.is_empty(), "{wrong:?} in {html}");
    tokenizer.sink.away.take()
}

/// A page of results: its links are those of its hits, in their order, and our own.
fn a_list(wild: &mut Wild) {
    let hits: Vec<Hit> = (0..HITS_PER_PAGE).map(|_| wild.hit()).collect();
    let words = wild.text();
    let about = |hit: &Hit| Link::with_words(paths::PAGE, hit.url.as_str()).is_some();
    let of_hits = hits.iter().filter(|hit| about(hit)).count()
        + hits.iter().filter(|hit| hit.more_from_site > 0).count();
    let expected: Vec<String> = hits.iter().map(|hit| hit.url.to_string()).collect();
    let last_page = PageNumber::new(9).unwrap();
    let found = |hits| Results { hits, last_page, notes: Vec::new(), ..found::results() };
    let trail = Trail { verbosity: Verbosity::Plain, ..Trail::default() };
    let manners = Manners::of(Vec::new());
    let page = |hits| Page::new(results::shown(&words, &found(hits), &trail, &manners));
    let (_, without) = links(&gemtext(Answer::Page(page(Vec::new()))));
    let list = page(hits);
    let html = parsed(&list);
    let body = gemtext(Answer::Page(list));
    let (away, ours) = links(&body);
    assert_eq!(away, expected, "{body}");
    // Words alone bring their own links; hits bring these and no others.
    assert_eq!(ours, without + of_hits, "{body}");
    assert_eq!(html, expected, "{body}");
}

/// A screen of what is stored: as many links as entries.
fn a_sheet(wild: &mut Wild) {
    let url = wild.url();
    let entries: Vec<Entry> =
        (0..5).map(|_| Entry::gemini(&url, wild.text()).with([wild.text(), wild.text()])).collect();
    let facts = (0..5).map(|_| (wild.text(), wild.text())).collect();
    let sheet = Sheet::new(wild.text(), wild.text())
        .say(wild.text())
        .part(wild.text(), vec![Block::Entries(entries), Block::Facts(facts), Block::Text(wild.text())]);
    let page = Page::new(sheet);
    let expected = vec![url.to_string(); 5];
    assert_eq!(parsed(&page), expected);
    let body = gemtext(Answer::Page(page));
    assert_eq!(links(&body).0, expected, "{body}");
}

/// A stored text keeps its own links, and lets in nothing else.
fn a_stored_text(wild: &mut Wild) {
    let (url, source) = (wild.url(), (0..6).map(|_| wild.text() + "\n").collect::<String>());
    let text = StoredText {
        source: PageText::new(source),
        title: wild.text(),
        media_type: "text/gemini".to_owned(),
        language: Some("en".to_owned()),
        fetched_at: None,
    };
    let page = Page::new(cached::shown(&url, &text));
    let html = parsed(&page);
    let body = gemtext(Answer::Page(page));
    assert_eq!(links(&body).0, html, "{body}");
}

#[test]
fn hostile_hits_stay_in_their_lines_and_tags() {
    let hits = std::env::var("SEXTANT_TEST_OUTPUTS").ok().and_then(|hits| hits.parse().ok()).unwrap_or(HITS);
    let pages = hits / HITS_PER_PAGE;
    std::thread::scope(|threads| {
        for part in 0..2_u64 {
            threads.spawn(move || {
                let mut wild = Wild(StdRng::seed_from_u64(1_965 + part));
                for page in 0..pages.div_ceil(2) {
                    a_list(&mut wild);
                    if page % 4 == 0 {
                        a_sheet(&mut wild);
                        a_stored_text(&mut wild);
                    }
                }
            });
        }
    });
}
