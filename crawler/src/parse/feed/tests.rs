use proptest::prelude::*;

use super::*;
use crate::parse::gemtext;

fn url() -> GeminiUrl {
    GeminiUrl::parse("gemini://ann.example/log/feed").unwrap()
}

/// What is told: `date title url author`, one line a post.
fn told(entries: &[Entry]) -> Vec<String> {
    posts(entries, &url())
        .iter()
        .map(|post| {
            let date = post.published.map_or("-".to_owned(), |moment| moment.format("%F %R").to_string());
            let target = match &post.url {
                LinkTarget::Gemini(url) => url.as_str(),
                LinkTarget::Foreign(url) => url.as_str(),
            };
            format!("{date} {} {target} {:?}", post.title, post.author)
        })
        .collect()
}

#[test]
fn atom_is_read() {
    let feed = read(
        r#"<?xml version="1.0" encoding="iso-8859-1"?>
        <feed xmlns="http://www.w3.org/2005/Atom"><title>Ann's lög</title>
        <link href="gemini://ann.example/log/"/><link rel="self" href="atom.xml"/>
        <entry><title>One &amp; two</title><link rel="enclosure" href="a.mp3"/><link rel="alternate" href="one.gmi"/>
          <id>urn:1</id><published>2026-01-31T10:00:00Z</published><updated>2026-02-01T10:00:00Z</updated>
          <summary type="html">&lt;p&gt;Some &lt;b&gt;words&lt;/b&gt;&lt;/p&gt;</summary></entry>
        <entry><title>Three</title><link href="https://web.example/3"/><id>urn:2</id>
          <updated>2026-02-01T10:00:00+02:00</updated></entry></feed>"#,
    );
    assert_eq!(feed.title, "Ann's lög");
    assert_eq!(
        told(&feed.entries),
        [
            "2026-01-31 10:00 One & two gemini://ann.example/log/one.gmi Own",
            "2026-02-01 08:00 Three https://web.example/3 Other",
        ]
    );
    let outline = outline(&feed);
    let links: Vec<_> = outline.links.iter().map(|link| (link.target, link.label)).collect();
    assert!(
        links.contains(&("one.gmi", "One & two")) && links.contains(&("a.mp3", "One & two")),
        "{links:?}"
    );
    assert!(
        outline.prose.contains("Some\u{20}words") || outline.prose.contains("Some  words"),
        "{}",
        outline.prose
    );
}

#[test]
fn rss_is_read() {
    let feed = read(
        "<rss version='2.0'><channel><title>Log</title><link>gemini://ann.example/</link><description>d</description>
         <item><title>One</title><link>gemini://bob.example/1</link><pubDate>Sat, 31 Jan 2026 10:00:00 GMT</pubDate></item>
         <item><guid>gemini://ann.example/2</guid><description>Words</description></item></channel></rss>",
    );
    assert_eq!(
        told(&feed.entries),
        ["2026-01-31 10:00 One gemini://bob.example/1 Other", "-  gemini://ann.example/2 Own"]
    );
}

#[test]
fn of_a_malformed_feed_all_is_read_that_can_be() {
    let whole = "<feed><title>Log</title><entry><title>One & two</title><link href='1'/>\
                 <updated>2026-01-31</updated></entry><entry><title>Three &nbsp; four</title><link href='2'/>\
                 <content><p>Unclosed <b>words</content></entry><entry><title><![CDATA[Five]]></title>\
                 <link href='3'/><published>no date</published>";
    let expected = [
        "2026-01-31 00:00 One & two gemini://ann.example/log/1 Own",
        "- Three &nbsp; four gemini://ann.example/log/2 Own",
        "- Five gemini://ann.example/log/3 Own",
    ];
    let feed = read(whole);
    assert_eq!((feed.title.as_str(), told(&feed.entries)), ("Log", expected.map(str::to_owned).to_vec()));
    assert!(feed.entries[1].words.contains("Unclosed"));
    // Cut anywhere, it keeps every entry before the cut.
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        let found = told(&read(&whole[..end]).entries);
        let complete = whole[..end].matches("</entry>").count();
        assert!(complete <= found.len() && found[..complete] == expected[..complete], "{end}: {found:?}");
    }
    let rss = "<rss><channel><item><title>A</title><link>gemini://a.example/</link><item><title>B</title>";
    assert_eq!(told(&read(rss).entries), ["- A gemini://a.example/ Other"]);
}

#[test]
fn a_gemfeed_is_read() {
    let page = "# Log\n=> one.gmi 2026-01-31 - One\n=> /two 2026-02-01: Two\n=> x 2026-02-30 No such day\n\
                => y 2026-02-01\n=> z 20260201 No date\n=> gemini://bob.example/ 2026-02-02 Bob";
    assert_eq!(
        told(&dated_entries(&gemtext::outline(page).links)),
        [
            "2026-01-31 00:00 One gemini://ann.example/log/one.gmi Own",
            "2026-02-01 00:00 Two gemini://ann.example/two Own",
            "- No such day gemini://ann.example/log/x Own",
            "2026-02-02 00:00 Bob gemini://bob.example/ Other",
        ]
    );
}

#[test]
fn a_twtxt_is_read() {
    let feed = twtxt(
        "# nick = ann\n# follow = bob gemini://bob.example/twtxt.txt\n\n\
         2026-01-31T10:00:00Z\tHello @<bob gemini://bob.example/twtxt.txt> and @<https://c.example/t>!\n\
         2026-02-01T10:00:00+02:00\tSee gemini://ann.example/new, it is new\nnot a twt\n2026-02-02T10:00:00Z\tLast",
    )
    .unwrap();
    assert_eq!(feed.title, "ann");
    let posts = told(&feed.entries);
    assert_eq!(posts[0], "2026-02-02 10:00 Last gemini://ann.example/log/feed Own");
    assert_eq!(
        posts[2],
        "2026-01-31 10:00 Hello @bob and @https://c.example/t! gemini://ann.example/log/feed Own"
    );
    let keys: std::collections::BTreeSet<_> =
        super::posts(&feed.entries, &url()).iter().map(|post| post.key).collect();
    assert_eq!(keys.len(), 3, "each line is a post of its own");
    let outline = outline(&feed);
    let targets: Vec<_> = outline.links.iter().map(|link| link.target).collect();
    assert!(
        targets.contains(&"gemini://ann.example/new") && targets.contains(&"gemini://bob.example/twtxt.txt")
    );
    assert_eq!(twtxt("Some words\nand a table:\n2026-01-31\t12\n"), None);
    assert_eq!(twtxt(""), None);
}

#[test]
fn a_feed_has_at_most_500_posts_the_newest() {
    let lines: String = (0..3_000).map(|n| format!("=> /{n} {}-01-01 Post\n", 2000 + n % 100)).collect();
    let posts = posts(&dated_entries(&gemtext::outline(&lines).links), &url());
    assert_eq!(posts.len(), POSTS);
    assert!(posts.iter().all(|post| post.published > moment_of(2070)));
}

fn moment_of(year: i32) -> Option<chrono::DateTime<chrono::Utc>> {
    format!("{year}-01-01T00:00:00Z").parse().ok()
}

proptest! {
    #[test]
    fn nothing_panics_a_feed(
        document in "(<(/?(feed|rss|channel|item|entry|title|link|id|updated)|!\\[CDATA\\[)( href=['\"]?[a-z:/.é]{0,9}['\"]?)?/?>?|]]>|&[a-z#0-9]{0,6};|[ a-z0-9TZ:é-]{0,12}){0,60}",
    ) {
        let feed = read(&document);
        let _ = posts(&feed.entries, &url());
        let _ = twtxt(&document);
    }

    #[test]
    fn nothing_panics_a_twtxt(document in "((2026-01-31T10:00:00Z|#)?[\t =@<>a-zé:/.]{0,30}\n){0,30}") {
        let feed = twtxt(&document).unwrap_or_default();
        prop_assert!(outline(&feed).links.len() <= 2_000);
    }
}
