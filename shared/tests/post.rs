//! Posts of feeds in a real store: their places in the list of recent ones, whatever their dates, and that
//! what is purged is in no list.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use shared::gemini::text::{OneLine, PageText};
use shared::gemini::url::{GeminiUrl, LinkTarget};
use shared::store::Store;
use shared::store::cluster::scratch;
use shared::store::feed::change;
use shared::store::id::{CapsuleId, ContentHash, PageId};
use shared::store::known::page::{self, Text};
use shared::store::known::post::{self, Author, FeedPosts, NewPost, PostKey};
use shared::store::known::{capsule, content};

type Place = (CapsuleId, PageId);

const START: Duration = Duration::from_secs(1_800_000_000);

fn day(days: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a moment") + TimeDelta::days(days)
}

/// The store's clock goes on while the test runs.
fn is_about(moment: DateTime<Utc>, expected: DateTime<Utc>) -> bool {
    (TimeDelta::zero()..TimeDelta::minutes(30)).contains(&(moment - expected))
}

fn told(url: &str, title: &str, published: Option<DateTime<Utc>>, author: Author) -> NewPost {
    let target = GeminiUrl::parse(url).expect("a URL");
    NewPost {
        key: PostKey::of_url(target.as_str()),
        url: LinkTarget::Gemini(target),
        title: OneLine::new(title),
        published,
        author,
    }
}

async fn feed(store: &Store, url: &str) -> Place {
    let url = GeminiUrl::parse(url).expect("a URL");
    let hash = ContentHash(blake3::hash(url.as_str().as_bytes()).into());
    let (place, _) = change::sealed(store, async |tx| {
        let entered = capsule::enter(tx, &[], std::slice::from_ref(url.capsule())).await?;
        let capsule = entered.targets[url.capsule()];
        let body = PageText::new("words");
        let new = content::NewContent {
            capsule,
            hash,
            source: body.clone(),
            body,
            headings: vec![],
            alt: vec![],
            art: PageText::default(),
        };
        let text = Text {
            content: Some(hash),
            title: OneLine::new(&format!("Log of {}", url.host())),
            kind: shared::gemini::kind::Kind::Feed,
            media_type: "text/gemini".to_owned(),
            language: None,
            charset: None,
            size_bytes: None,
            dimensions: None,
            words: None,
        };
        Ok((capsule, page::put_own(tx, &url, &text, &new).await?))
    })
    .await
    .expect("the feed is written");
    place
}

async fn read(store: &Store, feed: Place, posts: Vec<NewPost>) {
    change::sealed(store, async |tx| post::keep(tx, &[FeedPosts { feed, posts: posts.clone() }]).await)
        .await
        .expect("the posts are kept");
}

async fn list(store: &Store) -> Vec<String> {
    let posts = store.read(async |c| post::recent(c, 0, 50).await).await.expect("the list");
    posts.iter().map(|post| post.title.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_has_one_place_among_the_recent_ones_whatever_its_feeds_say() {
    let scratch = scratch::database().await;
    let store = scratch.store();
    scratch.set_clock(SystemTime::UNIX_EPOCH + START).await.expect("a clock");
    let ann = feed(&store, "gemini://ann.example/log/").await;
    let all = feed(&store, "gemini://all.example/").await;

    // A first reading: dates of the past count, what has none or one of the future may be of any age.
    let first = vec![
        told("gemini://ann.example/log/old", "old", Some(day(-300)), Author::Own),
        told("gemini://ann.example/log/new", "new", Some(day(-1)), Author::Own),
        told("gemini://ann.example/log/undated", "undated", None, Author::Own),
        told("gemini://ann.example/log/pinned", "pinned", Some(day(9_000)), Author::Own),
    ];
    read(&store, ann, first.clone()).await;
    assert_eq!(list(&store).await, ["new", "old"]);

    // Two days later: what is new in the feed was written since, date or none.
    scratch
        .set_clock(SystemTime::UNIX_EPOCH + START + Duration::from_secs(2 * 86_400))
        .await
        .expect("a clock");
    let mut second = first;
    second.push(told("gemini://ann.example/log/later", "later", None, Author::Own));
    second.push(told("gemini://ann.example/log/tomorrow", "tomorrow", Some(day(700)), Author::Own));
    second[0] = told("gemini://ann.example/log/old", "old, edited", Some(day(1)), Author::Own);
    read(&store, ann, second.clone()).await;
    let posts = store.read(async |c| post::recent(c, 0, 2).await).await.expect("the list");
    assert!(posts.iter().all(|post| is_about(post.moment, day(2))), "{posts:?}");
    assert_eq!(list(&store).await[2..], ["new", "old, edited"], "an edit does not lift a post");

    // A list of others' posts: each comes once, from its author's feed.
    let others = vec![
        told("gemini://ann.example/log/new", "Ann: new", Some(day(0)), Author::Other),
        told("gemini://bob.example/one", "Bob: one", Some(day(-2)), Author::Other),
    ];
    read(&store, all, others).await;
    assert_eq!(list(&store).await[2..], ["new", "Bob: one", "old, edited"]);
    let feeds = store.read(async |c| post::feeds_of(c, ann.0).await).await.expect("the feeds");
    assert!(feeds[0].posts == 6 && is_about(feeds[0].newest.expect("a post"), day(2)), "{feeds:?}");
    let page = store.read(async |c| post::recent(c, 2, 1).await).await.expect("a page of the list");
    assert_eq!((page[0].title.as_str(), page[0].feed.host().as_str()), ("new", "ann.example"));

    // A purge takes a feed with its posts, and a post out of the feeds of others.
    for pattern in ["gemini://ann.example/*", "gemini://bob.example/*"] {
        let pattern = pattern.parse().expect("a pattern");
        feed(&store, "gemini://bob.example/one").await;
        change::sealed(&store, async |tx| {
            page::purge(tx, &pattern, DateTime::<Utc>::MAX_UTC, PageId(0), 100).await
        })
        .await
        .expect("a purge");
    }
    assert_eq!(list(&store).await, ["Ann: new"], "nothing known of Ann's page was purged");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_feed_that_never_ends_a_thousand_posts_stay() {
    let scratch = scratch::database().await;
    let store = scratch.store();
    let ann = feed(&store, "gemini://ann.example/log/").await;
    for round in 0..3_i64 {
        let posts = (0..400).map(|number| {
            let number = round * 400 + number;
            let published = Some(Utc::now() - TimeDelta::days(2_000 - number));
            told(&format!("gemini://ann.example/{number}"), &number.to_string(), published, Author::Own)
        });
        read(&store, ann, posts.collect()).await;
    }
    let feeds = store.read(async |c| post::feeds_of(c, ann.0).await).await.expect("the feeds");
    assert_eq!(feeds[0].posts, 1_000);
    assert_eq!(list(&store).await[0], "1199");
}
