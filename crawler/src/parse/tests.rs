//! Whole pages, and bytes that are none.

use proptest::prelude::*;

use super::*;

fn url() -> GeminiUrl {
    GeminiUrl::parse("gemini://example.org/dir/page.gmi").unwrap()
}

fn gemtext(document: &[u8], extent: Extent) -> Parsed {
    parse(document, extent, &MediaType::parse("text/gemini"), &url())
}

fn targets(parsed: &Parsed) -> Vec<&str> {
    parsed.links.iter().map(|link| link.target.as_str()).collect()
}

#[test]
fn a_page_is_understood() {
    let page =
        "# My capsule\r\nWelcome, dear traveller.\r\n=> log/ My log\r\n=> https://web.example/ Web\r\n";
    let parsed = gemtext(page.as_bytes(), Extent::Whole);
    assert_eq!(parsed.title.as_str(), "My capsule");
    assert_eq!(parsed.text.as_str(), "My capsule\nWelcome, dear traveller.\nMy log\nWeb\n");
    assert_eq!(parsed.source.as_str(), page.replace("\r\n", "\n"));
    assert_eq!(targets(&parsed), ["gemini://example.org/dir/log/"]);
    assert_eq!(parsed.charset.map(|charset| charset.to_string()).as_deref(), Some("utf-8"));
}

#[test]
fn of_a_cut_page_only_whole_lines_count() {
    let page = b"=> /a A\n=> /b B\n=> /half-of-an-addr";
    assert_eq!(targets(&gemtext(page, Extent::Cut)), ["gemini://example.org/a", "gemini://example.org/b"]);
    assert_eq!(targets(&gemtext(page, Extent::Whole)).len(), 3);
    assert!(gemtext(b"=> /half", Extent::Cut).links.is_empty());
    assert_eq!(gemtext(b"one long line", Extent::Cut).text.as_str(), "one long line\n");
}

#[test]
fn a_file_has_a_name_and_nothing_to_read() {
    let url = GeminiUrl::parse("gemini://example.org/pictures/my%20cat.png").unwrap();
    let parsed = parse(b"\x89PNG", Extent::Whole, &MediaType::parse("image/png"), &url);
    assert_eq!(parsed.title.as_str(), "my cat.png");
    assert!(parsed.text.is_empty() && parsed.content.is_none() && parsed.charset.is_none());
}

#[test]
fn layout_case_and_place_are_no_change_and_words_and_links_are() {
    let hash = |document: &str| gemtext(document.as_bytes(), Extent::Whole).content.unwrap();
    let page = hash("# Title\nSome words.\n=> a.gmi A\n");
    assert_eq!(page, hash("## TITLE\n\n\nsome   words!\n=> a.gmi A"));
    assert_ne!(page, hash("# Title\nOther words.\n=> a.gmi A\n"));
    assert_ne!(page, hash("# Title\nSome words.\n=> b.gmi A\n"));
    let elsewhere = GeminiUrl::parse("gemini://mirror.example/page.gmi").unwrap();
    let mirror = parse(
        b"# Title\nSome words.\n=> a.gmi A\n",
        Extent::Whole,
        &MediaType::parse("text/gemini"),
        &elsewhere,
    );
    assert_eq!(Some(page), mirror.content);
}

#[test]
fn nothing_from_the_wild_reaches_a_line_raw() {
    let parsed = gemtext("# A\u{1b}[2J\u{202e}B\0\n=> /x la\u{9b}bel\u{2028}two\n".as_bytes(), Extent::Whole);
    let clean = |line: &str| !line.chars().any(|character| character.is_control() || character == '\u{202e}');
    assert!(clean(&parsed.title) && parsed.links.iter().all(|link| clean(&link.label)));
    assert!(!parsed.source.contains('\0'));
}

#[test]
fn a_picture_that_is_fetched_in_part_says_how_large_it_is() {
    let url = GeminiUrl::parse("gemini://example.org/cat.png").unwrap();
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0\0\0\0\0";
    let parsed = parse(png, Extent::Cut, &MediaType::parse("image/png"), &url);
    assert_eq!(parsed.dimensions.map(|size| size.to_string()).as_deref(), Some("640 x 480"));
}

#[test]
fn art_is_kept_apart_from_what_is_read() {
    let art = "```A cat\n /\\_/\\  =^.^= \n( o.o ) > ^ <\n```\n";
    let parsed = gemtext(format!("Words before.\n{art}Words after.\n").as_bytes(), Extent::Whole);
    assert_eq!(parsed.text.as_str(), "Words before.\nWords after.\n");
    assert!(parsed.art.contains("( o.o )"));
    assert_eq!(parsed.alt, [OneLine::new("A cat")]);
    assert_eq!(parsed.title.as_str(), "A cat");
}

proptest! {
    #[test]
    fn no_bytes_panic_the_parser(
        bytes in proptest::collection::vec(any::<u8>(), 0..2_000),
        media_type in "(text/gemini|text/plain|text/html|application/atom\\+xml|image/png)(; charset=[a-z0-9-]{0,12})?",
        cut in any::<bool>(),
    ) {
        let extent = if cut { Extent::Cut } else { Extent::Whole };
        let parsed = parse(&bytes, extent, &MediaType::parse(&media_type), &url());
        prop_assert!(!parsed.title.is_empty());
    }

    #[test]
    fn no_gemtext_panics_the_parser(document in "((=>|#|##|###|\\* |>|```| )?[ \\t/:a-z0-9.%?#é\\u{0}-\\u{1f}]{0,20}\n){0,60}") {
        let parsed = gemtext(document.as_bytes(), Extent::Whole);
        prop_assert!(!parsed.title.is_empty());
        prop_assert!(parsed.links.iter().all(|link| link.target != url()));
    }

    #[test]
    fn a_cut_page_has_no_link_that_the_whole_one_has_not(
        document in "((=> )?[a-z/]{1,12}( [a-z]{1,5})?\n){1,30}",
        at in 0.0..1.0_f64,
    ) {
        let whole = gemtext(document.as_bytes(), Extent::Whole);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
                 reason = "a place within a short text")]
        let end = (document.len() as f64 * at) as usize;
        let cut = gemtext(&document.as_bytes()[..end], Extent::Cut);
        prop_assert!(targets(&cut).iter().all(|target| targets(&whole).contains(target)));
    }
}
