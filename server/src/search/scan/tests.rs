use proptest::prelude::*;

use super::*;
use crate::search::query::Place;

/// A query in short: `+` wanted, `?` alternatives, `-` without, `:` limits.
fn short(group: &Group) -> String {
    let mut parts: Vec<String> = group.wanted.iter().map(short_node).collect();
    parts.extend(group.filters.iter().map(|filter| format!(":{}", short_filter(filter))));
    parts.extend(group.without.iter().map(|node| format!("-{}", short_node(node))));
    parts.join(" ")
}

fn short_node(node: &Node) -> String {
    let plain = |terms: &[Term]| terms.iter().map(|term| term.plain.clone()).collect::<Vec<_>>().join("+");
    match node {
        Node::Word(term) => term.plain.clone(),
        Node::Hyphened { words, joined } => format!("{}={}", plain(words), joined.plain),
        Node::Run(terms) => format!("<{}>", plain(terms)),
        Node::Sign(term) => format!("<{}>", term.plain),
        Node::Prefix(term) => format!("{}*", term.plain),
        Node::Phrase(placed) => format!("\"{}\"", short_placed(placed)),
        Node::Any(nodes) => format!("[{}]", nodes.iter().map(short_node).collect::<Vec<_>>().join("|")),
        Node::Group(group) => format!("({})", short(group)),
        Node::Filter(filter) => format!(":{}", short_filter(filter)),
    }
}

fn short_placed(placed: &[Placed]) -> String {
    placed.iter().map(|placed| placed.term.plain.as_str()).collect::<Vec<_>>().join(" ")
}

fn short_filter(filter: &Filter) -> String {
    match filter {
        Filter::Site(Place::At(place)) => format!("site={place}"),
        Filter::Title(placed) => format!("title={}", short_placed(placed)),
        Filter::Url(placed) => format!("url={}", short_placed(placed)),
        Filter::Language(code) => format!("lang={code}"),
        other => format!("{other:?}"),
    }
}

fn check(text: &str, expected: &str) {
    assert_eq!(short(&scan(text).group), expected, "{text}");
}

#[test]
fn operators_are_understood() {
    check("a b", "a b");
    check("\"a b\" c", "\"a b\" c");
    check("“curly quotes”", "\"curly quotes\"");
    check("a -b NOT c", "a -b -c");
    check("a - b", "a b");
    check("a OR b c", "[a|b] c");
    check("a | b", "[a|b]");
    check("a AND b", "a b");
    check("(a b) OR (c -d)", "[(a b)|(c -d)]");
    check("cats (and dogs) -(big birds)", "cats and dogs -(big birds)");
    check("gem*", "gem*");
    check("e-mail", "e+mail=email");
    check("site:example.org/~ann/ cat", "cat :site=example.org/~ann/");
    check("intitle:\"big cat\" -intitle:dog", ":title=big cat -:title=dog");
    check("INURL:gemlog", ":url=gemlog");
    check("lang:german OR cat", "[:lang=de|cat]");
    check("猫が好き 犬", "<猫が+が好+好き> <犬>");
    check("example.org", "example org");
    check("gemini://example.org/x", "gemini example org x");
}

#[test]
fn nothing_is_an_error() {
    let check = |text: &str, expected: &str, notes: &[Note]| {
        let query = scan(text);
        assert_eq!(short(&query.group), expected, "{text}");
        assert_eq!(query.notes, notes, "{text}");
    };
    check("", "", &[Note::NothingToSearch]);
    check("*** ()", "", &[Note::NothingToSearch]);
    check("\"never closed", "\"never closed\"", &[]);
    check("((a b", "a b", &[]);
    check("a))) b", "a b", &[]);
    check("a OR", "a", &[Note::LeftOut("OR".into())]);
    check("OR a", "a", &[Note::LeftOut("OR".into())]);
    check("a OR OR b", "a b", &[Note::LeftOut("OR".into())]);
    check("NOT", "", &[Note::LeftOut("NOT".into()), Note::NothingToSearch]);
    check("size:huge", "huge", &[Note::NotUnderstood("size:huge".into())]);
    check("kind:\"two words\"", "two words", &[Note::NotUnderstood("kind:\"two words\"".into())]);
    check("site: cat", "cat", &[Note::NotUnderstood("site:".into())]);
    check("time: 12:30", "time 12 30", &[]);
}

#[test]
fn the_text_is_bounded() {
    let deep = scan(&"(".repeat(5_000));
    assert!(deep.notes.contains(&Note::Shortened) && deep.notes.contains(&Note::TooDeep));
    let deep = scan(&format!("{}word{} after", "(".repeat(100), ")".repeat(100)));
    assert_eq!(short(&deep.group), "word after");
    let wide = scan("ab* bc* cd* de*");
    assert_eq!(short(&wide.group), "ab* bc* cd* de");
    assert_eq!(wide.notes, [Note::TooManyBeginnings]);
    let broad = scan("a* б* ab*");
    assert_eq!(short(&broad.group), "a б ab*");
    assert_eq!(broad.notes, ["a", "б"].map(|letter| Note::ShortBeginning(letter.to_owned())));
    let long = scan(&"word ".repeat(20_000));
    assert!(long.notes.contains(&Note::TooManyWords));
    assert_eq!(long.group.wanted.len(), 32);
    let nots = scan(&"-".repeat(512));
    assert!(nots.group.is_empty());
    let limits = scan(&"lang:de ".repeat(60));
    assert_eq!(limits.group.filters.len(), 32);
}

#[test]
fn a_query_of_words_is_also_a_name() {
    assert_eq!(scan("Project  Gemini!").name.as_deref(), Some("project gemini"));
    assert_eq!(scan("gemini lang:de").name, None);
    assert_eq!(scan("a\u{1b}[31m\u{202e}b\r\nc").shown, "a b c");
}

proptest! {
    #[test]
    fn any_text_is_a_query(text in "\\PC{0,80}|[()\"a: *|-]{0,600}|(site:|NOT |OR |\\(|a |-|\"){0,80}") {
        let query = scan(&text);
        let is_one_line = !query.shown.contains(char::is_control);
        prop_assert!(is_one_line);
        prop_assert!(query.group.wanted.len() <= 32);
    }
}
