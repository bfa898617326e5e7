use super::*;

fn terms(language: Option<&str>, text: &str) -> Vec<String> {
    let language = language.map(Language::parse);
    let mut lines = String::new();
    Chain::of(language.as_ref()).push_terms(&words(text), &mut lines);
    lines.lines().map(str::to_owned).collect()
}

#[test]
fn pages_become_terms_of_their_language() {
    assert_eq!(terms(None, "Connections"), ["en:connect"]);
    assert_eq!(terms(Some("de"), "die Häuser"), ["de:die", "de:haus", "de~haus"]);
    assert_eq!(terms(Some("ja"), "猫と Houses"), ["猫と", "と", "en:hous"]);
    assert_eq!(terms(Some("pl"), "książki"), ["pl:książk", "pl~ksiazk"]);
    assert_eq!(terms(Some("sk"), "žena"), ["žena", "~zena"], "a language without a stemmer");
    assert_eq!(terms(Some("hi"), "लड़कों"), terms(None, "लड़के"), "of its script the most frequent language");
    assert_eq!(terms(Some("uk"), "столами"), ["столами"], "no Russian stem for an Ukrainian page");
    assert_eq!(terms(Some("de"), "столами"), ["ru:стол"]);
    assert_eq!(terms(None, "GeminiSpace 2021"), ["en:geminispac", "en:gemini", "en:space", "2021"]);
}

#[test]
fn a_query_word_meets_the_page_in_any_language_with_and_without_accents() {
    let held = Held::of(["de", "fr", "pl", "ja"]);
    let check = |language: Option<&str>, page: &str, query: &str| {
        let asked = query_words(query);
        let page = terms(language, page);
        for word in asked {
            let terms = held.terms(&word.plain, word.script);
            let met = terms.exact().chain(terms.second_chance()).any(|term| page.iter().any(|p| p == term));
            assert!(met, "{query} does not find {page:?}");
        }
    };
    check(None, "all the houses", "house");
    check(Some("de"), "viele Häuser", "häusern");
    check(Some("de"), "viele Häuser", "hauser");
    check(Some("fr"), "les cafés du port", "cafe");
    check(Some("fr"), "le cafe du port", "café");
    check(Some("pl"), "Łódź", "lodz");
    check(Some("pl"), "mieszkanie w Polsce", "mieszkania");
    check(Some("pl"), "żółte książki", "książka");
    check(Some("hi"), "भारत के लड़कों ने", "लड़के");
    check(Some("ja"), "吾輩は猫である", "猫である");
    check(None, "an e-mail", "email");
}

#[test]
fn names_are_compared_without_signs() {
    assert_eq!(name("~ Café Gemini! ~").as_deref(), Some("cafe gemini"));
    assert_eq!(name("***"), None);
}
