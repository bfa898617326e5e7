use super::*;

#[test]
fn filters_take_values_as_people_write_them() {
    let check = |field: &str, value: &str, expected: Option<Filter>| {
        assert_eq!(Filter::parse(field, value), expected, "{field}:{value}");
    };
    let at = |place: &str| Place::At(place.to_owned());
    check("site", "gemini://Example.ORG:1965/~ann/", Some(Filter::Site(at("example.org/~ann/"))));
    check("site", "example.org:1966", Some(Filter::Site(at("example.org:1966"))));
    check("site", "example.org", Some(Filter::Site(at("example.org"))));
    check("site", "h/a*", Some(Filter::Site(Place::Beginning("h/a".into()))));
    check("site", "not a host", None);
    check("domain", "*.Example.org", Some(Filter::Domain("example.org".into())));
    check("linkto", "//h/x", Some(Filter::LinkTo(at("h/x"))));
    check("type", "Image/*", Some(Filter::Media("image/".into())));
    check("filetype", ".PDF", Some(Filter::Media("pdf".into())));
    check("lang", "deutsch", Some(Filter::Language("de".into())));
    check("charset", "UTF8", Some(Filter::Charset("utf-8".into())));
    check("kind", "gemlogs", Some(Filter::Kind(Kind::Gemlog)));
    check("kind", "poem", None);
    check("size", ">5K", Some(Filter::AtLeast(5_001)));
    check("size", "<0.5MiB", Some(Filter::AtMost(524_287)));
    check("size", ">=1b", Some(Filter::AtLeast(1)));
    check("size", "5K", None);
    check("size", ">1e99", None);
    check("size", &format!(">{}", "9".repeat(400)), Some(Filter::AtLeast(u64::MAX)));
    check("before", "2021", Some(Filter::Before(1_609_459_200)));
    check("after", "2021-02-01", Some(Filter::After(1_612_137_600)));
    check("after", "2021-13", None);
    check("after", "yesterday", None);
}

#[test]
fn only_filters_of_one_kind_are_alternatives() {
    let kind = Filter::Kind(Kind::Page);
    assert!(kind.is_alternative_to(&Filter::Kind(Kind::Image)));
    assert!(!kind.is_alternative_to(&Filter::Language("de".into())));
    assert!(!Filter::AtLeast(1).is_alternative_to(&Filter::AtLeast(2)));
}
