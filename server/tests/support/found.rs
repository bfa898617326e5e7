//! What a search could find: one fixed list of results, with all that a hit can have.

use std::time::Duration;

use chrono::{DateTime, TimeZone as _, Utc};
use server::paths::trail::Corner;
use server::search::results::{
    Explanation, Facet, FacetGroup, Factor, Hit, Kept, Note, Relaxed, Results, Role, Snippet, Span,
    Suggestion,
};
use server::search::{Limit, PageNumber};
use shared::gemini::dimensions::Dimensions;
use shared::gemini::kind::Kind;
use shared::gemini::media_type::Language;
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::GeminiUrl;

/// Noon of a day.
pub(crate) fn day(year: i32, month: u32, day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, month, day, 12, 0, 0).unwrap()
}

/// A hit; in the quote the matches stand between asterisks.
pub(crate) fn hit(url: &str, title: &str, quote: &str) -> Hit {
    let url = GeminiUrl::parse(url).unwrap();
    let spans = quote.split('*').enumerate().filter(|(_, text)| !text.is_empty()).map(|(place, text)| {
        let role = if place % 2 == 0 { Role::Plain } else { Role::Match };
        Span { text: text.to_owned(), role }
    });
    Hit {
        site: url.site(),
        url,
        title: OneLine::new(title),
        media_type: "text/gemini".to_owned(),
        kind: Kind::Page,
        language: Some(Language::parse("en")),
        size_bytes: Some(4_812),
        dimensions: None,
        art: PageText::new(String::new()),
        first_seen: day(2021, 3, 14),
        changed: day(2026, 9, 2),
        snippet: Snippet(spans.collect()),
        score: 12.5,
        explanation: None,
        more_from_site: 0,
    }
}

/// The second of four pages for "navigation by stars": eight hits of every kind.
pub(crate) fn results() -> Results {
    let log = "gemini://stargazer.example/~ana/log/2026-08-12-a-sextant-from-scrap.gmi";
    let hits = vec![
        Hit {
            more_from_site: 38,
            ..hit(
                log,
                "A sextant from scrap: finding my latitude with a mirror and a protractor",
                "On a clear night I measured *Polaris* at 47 degrees and a bit; *navigation by stars* needs no battery, only patience and a horizon",
            )
        },
        Hit {
            kind: Kind::Gemlog,
            size_bytes: Some(1_900),
            ..hit(
                "gemini://quiet-harbour.example/gemlog/dead-reckoning.gmi",
                "Dead reckoning, and why I still trust the *stars*",
                "Three weeks out, the receiver failed. We were back to *navigation by stars*, as everyone was until yesterday",
            )
        },
        Hit {
            language: Some(Language::parse("de")),
            ..hit(
                "gemini://sternwarte.example/b%C3%BCcher/n%C3%A4chte.gmi",
                "Nächte auf der Sternwarte: Ortsbestimmung ohne Strom",
                "Die *Navigation* nach den *Sternen* ist älter als jede Karte; wer den Polarstern findet, kennt seine Breite",
            )
        },
        Hit {
            language: Some(Language::parse("ar")),
            ..hit(
                "gemini://nujum.example/%D8%A7%D9%84%D9%86%D8%AC%D9%88%D9%85.gmi",
                "الملاحة بالنجوم في المحيط الهندي",
                "كان البحارة يعرفون *النجوم* بأسمائها، ويقيسون ارتفاعها بالكمال قبل السدس بقرون",
            )
        },
        Hit {
            language: Some(Language::parse("ja")),
            ..hit(
                "gemini://hoshi.example/koukai.gmi",
                "星による航海術",
                "北極星の高度を測れば、緯度がわかる。*航海*の*星*は五十七個",
            )
        },
        Hit {
            media_type: "application/pdf".to_owned(),
            kind: Kind::Document,
            language: None,
            size_bytes: Some(2_400_000),
            ..hit(
                "gemini://almanac.example/files/nautical-almanac-2026.pdf",
                "Nautical almanac 2026 (PDF)",
                "",
            )
        },
        Hit {
            language: None,
            size_bytes: None,
            ..hit(
                "gemini://maze.example:1966/cgi-bin/atlas/ursa-minor/polaris/magnitude/parallax/distance/history/names/in-all-languages/and-some-more.gmi?epoch=J2000",
                "polaris",
                "alpha Ursae Minoris, the *star* that *navigation* leans on",
            )
        },
        hit(
            "gemini://wild.example/",
            "<script>alert('stars')</script> & => gemini://evil.example/ \u{202e}fdp",
            "=> gemini://evil.example/ a *<b>star</b>* is no tag & no link",
        ),
    ];
    Results {
        shown_query: "navigation by stars".to_owned(),
        hits,
        total: 1_238,
        page: PageNumber::new(2).unwrap(),
        last_page: PageNumber::new(4).unwrap(),
        relaxed: Some(Relaxed { unknown: vec!["starrs".to_owned()], kept: Kept::Most }),
        notes: vec![Note::NotUnderstood("size:big".to_owned())],
        limits: Vec::new(),
        facets: vec![
            facet(FacetGroup::Language, "de", "lang:de", 412),
            facet(FacetGroup::Language, "ja", "lang:ja", 37),
            facet(FacetGroup::Kind, "gemlog", "kind:gemlog", 120),
            facet(FacetGroup::Kind, "mailing-list", "kind:mailing-list", 64),
            facet(FacetGroup::Site, "stargazer.example/~ana/", "site:stargazer.example/~ana/", 40),
        ],
        suggestion: Some(Suggestion {
            text: "navigation by stars size:big".to_owned(),
            changed: vec![("starrs".to_owned(), "stars".to_owned())],
        }),
        elapsed: Duration::from_micros(12_400),
    }
}

fn facet(group: FacetGroup, value: &str, limit: &str, count: u32) -> Facet {
    Facet { group, value: value.to_owned(), limit: Limit::parse(limit).unwrap(), count }
}

/// What a corner shows: hits of its kinds, with what is known of such.
pub(crate) fn of_corner(corner: Corner) -> Results {
    let file = |kind, media_type: &str, url: &str, title: &str, size_bytes| Hit {
        kind,
        media_type: media_type.to_owned(),
        language: None,
        size_bytes: Some(size_bytes),
        ..hit(url, title, "")
    };
    let hits = match corner {
        Corner::Images => vec![
            Hit {
                dimensions: Dimensions::new(1_280, 853),
                ..file(
                    Kind::Image,
                    "image/jpeg",
                    "gemini://a.example/photo/dsc_0042.jpg",
                    "Star trails over the *harbour*",
                    412_000,
                )
            },
            file(
                Kind::Image,
                "image/svg+xml",
                "gemini://a.example/map%20of%20stars.svg",
                "gemini://a.example/map%20of%20stars.svg",
                900,
            ),
        ],
        Corner::Audio => {
            vec![file(
                Kind::Audio,
                "audio/ogg",
                "gemini://radio.example/stars.ogg",
                "Listening to the stars, part 1",
                7_340_000,
            )]
        }
        Corner::AsciiArt => vec![Hit {
            art: PageText::new(
                "   *   .    *\n .    /\\   <o>\n```\n=> gemini://evil.example/ no link\n".to_owned(),
            ),
            kind: Kind::AsciiArt,
            ..hit("gemini://art.example/stars.gmi", "A night of stars", "by hand")
        }],
        Corner::Files | Corner::All => vec![
            file(
                Kind::Document,
                "application/pdf",
                "gemini://a.example/stars.pdf",
                "A catalogue of stars",
                2_400_000,
            ),
            file(
                Kind::Archive,
                "application/zip",
                "gemini://a.example/stars.zip",
                "The same, packed",
                1_100_000,
            ),
        ],
    };
    let total = hits.len() as u64;
    Results {
        hits,
        total,
        page: PageNumber::FIRST,
        last_page: PageNumber::FIRST,
        relaxed: None,
        notes: Vec::new(),
        suggestion: None,
        ..results()
    }
}

/// The same with the reasons of the ranking.
pub(crate) fn explained() -> Results {
    let factor = |name, meaning, value| Factor { name, meaning, value };
    let terms = vec![
        factor("words", "how often and how close together the words stand", 9.42),
        factor("authority", "how many other sites link to its site", 1.87),
        factor("mass", "mass material ranks after personal pages", -0.5),
    ];
    let mut found = results();
    found.hits.truncate(1);
    found.hits[0].explanation = Some(Explanation { terms });
    found
}
