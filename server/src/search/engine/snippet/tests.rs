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
