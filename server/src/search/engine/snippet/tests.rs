use super::*;

fn marks(words: &[&str]) -> Marks {
    let held = shared::index::analyzer::Held::of(["de", "ja"]);
    let mut marks = Marks::default();
    for word in words.iter().flat_map(|word| shared::index::analyzer::query_words(word)) {
        let forms = held.terms(&word.plain, word.script);
        marks.terms.extend(forms.exact().chain(forms.second_chance()).map(str::to_owned));
    }
    marks
}

/// A snippet with its matches in brackets.
fn show(snippet: &Snippet) -> String {
    snippet
        .0
        .iter()
        .map(|span| match span.role {
            Role::Plain => span.text.clone(),
            Role::Match => format!("[{}]", span.text),
        })
        .collect()
}

#[test]
fn matches_are_marked_in_their_context() {
    let body = "# Cats\n=> /dogs.gmi About dogs\n> The cats' houses\r\n```art\n* and a mouse";
    let snippet = quote(body, "Cats", None, &marks(&["cat", "dog", "house"]));
    assert_eq!(show(&snippet), "About [dogs] The [cats]' [houses] and a mouse");
    let snippet =
        quote("吾輩は猫である。名前はまだ無い。", "", Some(&Language::parse("ja")), &marks(&["猫である"]));
    assert_eq!(show(&snippet), "吾輩は[猫である]。名前はまだ無い。");
}

#[test]
fn the_stretch_with_most_words_is_quoted() {
    let filler = "lorem ipsum dolor sit amet ".repeat(40);
    let body = format!("cat {filler} the cat and the mouse {filler}");
    let shown = show(&quote(&body, "", None, &marks(&["cat", "mouse"])));
    assert!(shown.contains("the [cat] and the [mouse]"), "{shown}");
    assert!(shown.starts_with("… ") && shown.ends_with(" …"), "{shown}");
    assert!(shown.chars().count() < LENGTH + 20, "{shown}");
}

#[test]
fn a_snippet_is_one_clean_line() {
    let body = "a\u{1b}[31mb\u{202e}c\u{2028}d\u{85}e\r\n\tf cat";
    let shown = quote(body, "", None, &marks(&["cat"])).to_string();
    assert!(!shown.chars().any(is_unsafe), "{shown:?}");
    assert_eq!(quote("", "", None, &marks(&["cat"])), Snippet(Vec::new()));
}

#[test]
fn what_is_passed_over_holds_no_word_of_the_query() {
    let text = "GeminiSpace windows95 python3 e-mail on-line C++ F# iPhone HTMLParser Café cafe\u{301} (cats) 'dogs' \
                state-of-the-art foo_bar 2026-11-24 Häuser ÉtéÉtoile 猫である a1b2 x86-64 Drew's naïve";
    let queries = [
        "gemini", "space", "windows", "95", "python", "email", "online", "c++", "f#", "phone", "parser",
        "cafe", "cat", "dog", "art", "bar", "11", "haus", "etoile", "猫で", "b", "64", "drew", "naive",
    ];
    for language in
        [None, Some(Language::parse("de")), Some(Language::parse("nl")), Some(Language::parse("ja"))]
    {
        let chain = Chain::of(language.as_ref());
        for query in queries {
            let marks = marks(&[query]);
            let places = |found: Vec<Match>| {
                found.into_iter().map(|found| (found.start, found.end)).collect::<Vec<_>>()
            };
            let whole = places(looked_for(text, &chain, &marks, &Firsts::Unknown));
            assert_eq!(places(matches(text, &chain, &marks)), whole, "{query}");
        }
    }
}
