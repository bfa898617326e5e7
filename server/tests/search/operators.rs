//! Every operator of the table, and queries that are none.

use chrono::DateTime;
use server::search::results::Note;
use shared::gemini::kind::Kind;
use shared::gemini::media_type::Charset;
use shared::gemini::url::GeminiUrl;
use shared::index::document::Document;

use crate::library::{Library, page, page_in};

fn library() -> Library {
    let url = |text: &str| GeminiUrl::parse(text).unwrap();
    Library::of([
        Document {
            links: vec![url("gemini://b.example/~ann/log/one.gmi")],
            ..page("a.example/", "Grey cats", "the grey cat sleeps on a warm stone all day long")
        },
        page("b.example/~ann/log/one.gmi", "Dogs", "a dog and a cat met in the garden of the old house"),
        Document {
            kind: Kind::Gemlog,
            changed: DateTime::from_timestamp(1_600_000_000, 0).unwrap(),
            ..page_in(
                "de",
                "b.example/~bob/zwei.gmi",
                "Katzen",
                "die graue Katze und der Hund schlafen im Garten",
            )
        },
        Document {
            media_type: "image/png".to_owned(),
            kind: Kind::Image,
            size_bytes: Some(70_000),
            ..page("sub.c.example/pictures/cat.png", "A picture of a cat", "")
        },
        Document {
            media_type: "text/plain".to_owned(),
            charset: Some(Charset::parse("iso-8859-1")),
            size_bytes: None,
            ..page(
                "c.example:1966/notes.txt",
                "Notes",
                "sleeping catalogue of cats that sleep on a grey warm stone",
            )
        },
    ])
}

#[tokio::test]
async fn operators_do_what_they_say() {
    let library = library();
    let (a, ann, bob, picture, notes) = (
        "a.example/",
        "b.example/~ann/log/one.gmi",
        "b.example/~bob/zwei.gmi",
        "sub.c.example/pictures/cat.png",
        "c.example:1966/notes.txt",
    );
    let cases: &[(&str, &[&str])] = &[
        ("grey cat", &[a, notes]),
        ("\"grey cat\"", &[a]),
        ("\"cat grey\"", &[]),
        ("“warm stone” -catalogue", &[a]),
        ("cat -grey -picture", &[ann]),
        ("cat NOT (grey OR picture)", &[ann]),
        ("dog OR picture", &[ann, picture]),
        ("(dog OR picture) garden", &[ann]),
        ("\"grey cat\" xyzzy", &[a]),
        ("\"cat grey\" stone", &[]),
        ("catal*", &[notes]),
        ("site:b.example", &[ann, bob]),
        ("site:b.example -lang:de", &[ann]),
        ("site:gemini://b.example/~ann", &[ann]),
        ("site:b.example/~ann/log/", &[ann]),
        ("site:b.example/~b*", &[bob]),
        ("site:c.example:1966", &[notes]),
        ("site:a.example site:c.example:1966", &[a, notes]),
        ("cat site:a.example", &[a]),
        ("domain:c.example", &[picture, notes]),
        ("domain:example -domain:c.example -lang:de site:a.example", &[a]),
        ("intitle:cat", &[a, picture]),
        ("intitle:\"grey cats\"", &[a]),
        ("inurl:zwei", &[bob]),
        ("inurl:log -intitle:cats", &[ann]),
        ("type:image", &[picture]),
        ("type:text/plain", &[notes]),
        ("content_type:image/*", &[picture]),
        ("filetype:png", &[picture]),
        ("filetype:txt", &[notes]),
        ("lang:de", &[bob]),
        ("lang:German katze", &[bob]),
        ("charset:latin1", &[notes]),
        ("kind:image", &[picture]),
        ("kind:gemlog OR kind:image", &[bob, picture]),
        ("size:>60K", &[picture]),
        ("size:>10 size:<=1KiB", &[a, ann, bob]),
        ("before:2021", &[bob]),
        ("after:2021 kind:page", &[a, ann, notes]),
        ("after:2020-09-13 before:2020-09-14", &[bob]),
        ("linkto:b.example/~ann/log/one.gmi", &[a]),
        ("linkto:b.example", &[a]),
        ("linkto:b.example/~ann/", &[a]),
        ("-kind:page -kind:image", &[bob]),
    ];
    for (query, expected) in cases {
        let results = library.ask(query).await;
        let mut found: Vec<String> =
            results.hits.iter().map(|hit| hit.url.as_str().replace("gemini://", "")).collect();
        // In so small an index pages with fewer of the words follow; those asked for come first.
        if results.relaxed.is_some() {
            found.truncate(expected.len());
        }
        let mut expected = expected.to_vec();
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn too_few_words_in_common_are_relaxed_and_said() {
    let library = library();
    let results = library.ask("grey dog picture").await;
    assert!(results.hits.len() >= 3);
    assert!(results.relaxed.is_some());

    let results = library.ask("grey xyzzy cat").await;
    let relaxed = results.relaxed.expect("one word is nowhere");
    assert_eq!(relaxed.unknown, ["xyzzy"]);
    assert_eq!(results.hits[0].url.as_str(), "gemini://a.example/");

    let results = library.ask("xyzzy").await;
    assert_eq!((results.total, results.hits.len()), (0, 0));
    assert_eq!(results.relaxed.unwrap().unknown, ["xyzzy"]);
    assert!(library.ask("xyzzy lang:de").await.hits.is_empty(), "a limit is no search for an unknown word");
}

#[tokio::test]
async fn no_query_fails() {
    let library = library();
    let long_word = "x".repeat(5_000);
    let queries = [
        "(".repeat(5_000),
        format!("{}cat{}", "(".repeat(5_000), ")".repeat(5_000)),
        "NOT ".repeat(5_000),
        "cat OR ".repeat(3_000),
        (0..20_000).map(|number| format!("term{number} ")).collect(),
        "a* ".repeat(1_000),
        "* ** ***".to_owned(),
        "-".repeat(600),
        "\"\"\"".to_owned(),
        "\"cat".to_owned(),
        "site: intitle: size:> before:never kind:poem lang:\"\"".to_owned(),
        "site:[::1] domain:.. linkto:gemini:// type:\u{0}".to_owned(),
        "\u{202e}tac \u{0}\u{1b}[31m\u{feff}\u{200d}".to_owned(),
        "👩‍👩‍👧‍👦 🏳️‍🌈 e\u{301}\u{301}\u{301}".to_owned(),
        "ﷺ ㍿ ½ Ⅷ ǅ İ ß".to_owned(),
        "猫".repeat(600),
        "'; DROP TABLE page; --".to_owned(),
        "[a TO z] {a} ^2 ~3 /reg.*ex/ field:value AND".to_owned(),
        long_word,
    ];
    for query in queries {
        let results = library.ask(&query).await;
        assert!(!results.shown_query.contains(['\n', '\u{1b}', '\u{202e}']));
        for hit in results.hits {
            assert!(!hit.snippet.to_string().contains('\n'));
        }
    }
    assert!(library.ask("").await.notes.contains(&Note::NothingToSearch));
}
