use super::*;

#[test]
fn what_was_put_in_comes_out() {
    let url = GeminiUrl::parse("gemini://a.example/~ann/log/one.gmi").unwrap();
    let moment = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let document = Document {
        page: PageId(7),
        change: ChangeId(9),
        site: url.site(),
        url,
        title: OneLine::new("One"),
        headings: vec![OneLine::new("Two")],
        body: PageText::new("ü".repeat(SHOWN_BYTES)),
        own_labels: Vec::new(),
        anchors: vec![],
        alt: vec![],
        art: PageText::new(" /\\_/\\ "),
        media_type: "text/gemini".into(),
        kind: Kind::Gemlog,
        language: Some(Language::parse("de")),
        charset: None,
        size_bytes: Some(12),
        dimensions: Dimensions::new(640, 480),
        first_seen: moment,
        changed: moment,
        links: vec![],
        content: Some(ContentHash([1; 32])),
    };
    let fields = Fields::new();
    let page = stored(&fields, &to_tantivy(&fields, &document)).unwrap();
    assert_eq!(page.url, document.url);
    assert_eq!(page.kind, Kind::Gemlog);
    assert_eq!(page.site.to_string(), "a.example/~ann/");
    assert_eq!(page.body.len(), SHOWN_BYTES);
    assert_eq!(page.changed, moment);
    assert_eq!((page.dimensions, page.art), (document.dimensions, document.art));
}
