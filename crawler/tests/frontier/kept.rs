//! What is kept, and for how long.

use super::*;

#[tokio::test]
async fn a_text_that_no_page_holds_any_more_is_dropped() {
    let seeds = ["gemini://a.example/", "gemini://a.example/twin", "gemini://b.example/"];
    let mut space = table(&[
        ("gemini://a.example/", GEMTEXT, "# What the front page said first\n"),
        ("gemini://a.example/twin", GEMTEXT, "# What two pages say\n"),
        ("gemini://b.example/", GEMTEXT, "# What another capsule says\n"),
    ]);
    let world = World::new(Budget::PerDay(100), &seeds).await;
    world.crawl(&space).await;
    let look_again = async |space: &Table| {
        crawler::jobs::recrawl::slice(&world.store, &"*".parse().unwrap(), PageId(0)).await.unwrap();
        world.crawl(space).await;
        crawler::jobs::upkeep::run((&world.store, &Part::default()), Step::Enough).await;
    };
    look_again(&space).await;
    assert_eq!(world.texts().await, 3, "all of them are held");

    space.0.insert(seeds[0].to_owned(), (GEMTEXT.to_owned(), "# What two pages say\n".to_owned()));
    look_again(&space).await;
    assert_eq!(world.texts().await, 2, "what the front page said first is held by none");

    // One of the two pages says something else again; the other still holds the text.
    space.0.insert(seeds[1].to_owned(), (GEMTEXT.to_owned(), "# What the twin says now\n".to_owned()));
    look_again(&space).await;
    assert_eq!(world.texts().await, 3);
    assert_eq!(world.searchable().await, seeds.map(str::to_owned).into());
}

/// Visitors are told so of a page that is not found for a month.
#[tokio::test]
async fn the_text_of_a_page_that_is_not_found_for_a_month_goes() {
    let mut space = table(&[("gemini://a.example/", GEMTEXT, "# A\n")]);
    let world = World::new(Budget::PerDay(100), &["gemini://a.example/"]).await;
    world.crawl(&space).await;
    space.0.clear();
    let begun = SystemTime::now();
    for days in [10, 20, 60, 120] {
        assert_eq!(world.texts().await, 1, "before day {days}");
        world.scratch.set_clock(begun + days * 24 * HOUR).await.unwrap();
        world.crawl(&space).await;
    }
    assert!(world.searchable().await.is_empty());
    crawler::jobs::upkeep::run((&world.store, &Part::default()), Step::Enough).await;
    assert_eq!(world.texts().await, 0);
}

/// A machine that runs for years has no table that grows with them.
#[tokio::test]
async fn what_nobody_asks_for_any_more_is_forgotten() {
    let world = World::new(Budget::PerDay(100), &["gemini://a.example/"]).await;
    let mut connection = world.scratch.options().connect().await.unwrap();
    for statement in [
        "insert into job (kind, target, state, finished_at)
         select 'rank', n::text, 'done', clock() - n * interval '1 day' from generate_series(1, 200) n",
        "insert into job (kind, target, asked_at) values ('rank', 'waits', clock() - interval '1 year')",
        "insert into certificate (capsule, fingerprint, last_seen, signature)
         select id, sha256(n::text::bytea), clock() - n * interval '1 minute', 'checked'
         from capsule, generate_series(1, 300) n",
        "insert into follower (name, store, epoch, change, reported_at)
         select 'index-' || days, gen_random_uuid(), 1, 1, clock() - days * interval '1 day' from unnest('{1,40}'::int[]) days",
    ] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    crawler::jobs::upkeep::run((&world.store, &Part::default()), Step::Enough).await;
    let left: (i64, i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from job where state = 'done'), (select count(*) from job where state = 'waiting'),
                (select count(*) from certificate where last_seen > clock() - interval '101 minutes'),
                (select count(*) from certificate)",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(left, (89, 1, 100, 100), "of ninety days, what is open, and the newest");
    let followers: Vec<String> =
        sqlx::query_scalar("select name from follower").fetch_all(&mut connection).await.unwrap();
    assert_eq!(followers, ["index-1"]);
}

#[tokio::test]
async fn upkeep_can_be_done_again_and_again() {
    let world = World::new(Budget::PerDay(100), &[]).await;
    for _ in 0..2 {
        let next = crawler::jobs::upkeep::run((&world.store, &Part::default()), Step::Enough).await;
        assert!(next > Duration::from_secs(3600), "it succeeded, and is not tried again soon");
    }
}

/// Two domains whose names never end link to each other.
#[tokio::test]
async fn hosts_that_wait_are_remembered_up_to_a_number() {
    let world = World::new(Budget::PerDay(100), &["gemini://a.example/"]).await;
    let mut connection = world.scratch.options().connect().await.unwrap();
    sqlx::query(
        "insert into newcomer (host, port, linked_by, first_seen)
         select 'h' || n || '.wild.example', 1965, '{b.example}', clock() - n * interval '1 second'
         from generate_series(1, 260000) n",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    crawler::jobs::upkeep::run((&world.store, &Part::default()), Step::Enough).await;
    let (count, newest): (i64, bool) = sqlx::query_as(
        "select count(*), coalesce(bool_and(first_seen > clock() - interval '210000 seconds'), false) from newcomer",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert!(count == 200_000 && newest, "{count}");
}
