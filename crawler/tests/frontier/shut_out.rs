//! Nothing is asked of what is shut out: by its name, its key or its address.

use super::*;

/// Shuts out, or lets in again.
async fn rule(world: &mut World, text: &str, holds: bool) {
    let rule: Rule = text.parse().unwrap();
    if holds {
        let exclusion = Exclusion::new(rule, "as a test");
        world.store.write(async |c| exclusion::add(c, &exclusion).await).await.unwrap();
    } else {
        world.store.write(async |c| exclusion::remove(c, &rule).await).await.unwrap();
        let mut after = PageId(0);
        while let Some((last, _)) =
            crawler::jobs::rules::let_in(&world.store, Let::Of(&rule), after).await.unwrap()
        {
            after = last;
        }
    }
    // Another crawler, which has read no rules yet.
    world.begin_anew().await;
}

#[rstest]
#[case::by_host("a.example")]
#[case::by_domain("*.a.example")]
#[case::by_prefix("gemini://a.example/*")]
#[case::by_address("address:192.0.2.0/24")]
#[case::everything("*")]
#[tokio::test]
async fn nothing_is_asked_of_what_is_shut_out_not_even_its_rules(#[case] text: &str) {
    let space =
        table(&[("gemini://a.example/", GEMTEXT, "# A\n"), ("gemini://a.example/x", GEMTEXT, "# X\n")]);
    let network = Noting(&space, Mutex::default());
    let mut world = World::new(Budget::PerDay(100), &["gemini://a.example/", "gemini://a.example/x"]).await;
    rule(&mut world, text, true).await;
    world.crawl(&network).await;
    assert_eq!(network.asked(), [""; 0]);
    assert_eq!(world.outcomes().await, ["excluded", "excluded"]);
    rule(&mut world, text, false).await;
    world.crawl(&network).await;
    assert_eq!(network.asked(), ["/robots.txt", "/", "/x"], "it is visited as soon as the rule is lifted");
    assert_eq!(world.searchable().await.len(), 2);
    rule(&mut world, text, true).await;
    let everything = "*".parse().unwrap();
    crawler::jobs::recrawl::slice(&world.store, &everything, PageId(0)).await.unwrap();
    world.crawl(&network).await;
    assert_eq!(network.asked(), [""; 0], "nor when somebody wishes");
    assert!(world.searchable().await.is_empty(), "and it leaves the search");
    rule(&mut world, text, false).await;
    assert_eq!(world.searchable().await.len(), 2, "what was found before is found again without a visit");
}

#[tokio::test]
async fn whoever_shows_a_key_that_is_shut_out_is_asked_nothing_more() {
    let space =
        table(&[("gemini://a.example/", GEMTEXT, "# A\n"), ("gemini://b.example/", GEMTEXT, "# B\n")]);
    let network = Noting(&space, Mutex::default());
    let mut world = World::new(Budget::PerDay(100), &["gemini://a.example/", "gemini://b.example/"]).await;
    let key = format!("key:sha256:{}", Fingerprint::of(b"a.example"));
    rule(&mut world, &key, true).await;
    world.crawl(&network).await;
    // Only a handshake shows the key, so its rules were asked for, and nothing else.
    let mut asked = network.asked();
    asked.sort();
    assert_eq!(asked, ["/", "/robots.txt", "/robots.txt"]);
    assert_eq!(world.searchable().await, ["gemini://b.example/".to_owned()].into());
    let everything = "*".parse().unwrap();
    crawler::jobs::recrawl::slice(&world.store, &everything, PageId(0)).await.unwrap();
    world.begin_anew().await;
    world.crawl(&network).await;
    assert_eq!(network.asked(), ["/"], "now it is known by its key");
    rule(&mut world, &key, false).await;
    world.crawl(&network).await;
    assert_eq!(world.searchable().await.len(), 2);
}

/// A network in which every name leads to two addresses.
struct TwoAddresses<'a>(&'a Table, Mutex<Vec<IpAddr>>);

impl Fetch for TwoAddresses<'_> {
    async fn resolve(&self, _host: &Host) -> Result<Vec<IpAddr>, FetchError> {
        Ok(vec![IpAddr::from([192, 0, 2, 1]), IpAddr::from([198, 51, 100, 1])])
    }

    async fn get(&self, url: &GeminiUrl, ip: IpAddr, want: Want) -> Result<Fetched, FetchError> {
        self.1.lock().unwrap().push(ip);
        self.0.get(url, ip, want).await
    }
}

#[tokio::test]
async fn of_a_names_addresses_only_those_are_used_that_no_rule_shuts_out() {
    let space = table(&[("gemini://a.example/", GEMTEXT, "# A\n")]);
    let network = TwoAddresses(&space, Mutex::default());
    let mut world = World::new(Budget::PerDay(100), &["gemini://a.example/"]).await;
    rule(&mut world, "address:192.0.2.1", true).await;
    world.crawl(&network).await;
    let used = std::mem::take(&mut *network.1.lock().unwrap());
    assert!(!used.is_empty() && used.iter().all(|ip| *ip == IpAddr::from([198, 51, 100, 1])), "{used:?}");
    assert_eq!(world.searchable().await.len(), 1);
}
