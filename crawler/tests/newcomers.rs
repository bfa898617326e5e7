//! Who is taken up, who has to wait, and what becomes of those who die: turns over the real store, on its own clock.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crawler::fetch::fetched::{Body, Ending, Fetch, FetchError, Fetched, SeenCertificate, Signature, Want};
use crawler::frontier::seam::Frontier;
use crawler::frontier::stored::{Stored, take_over};
use crawler::jobs::{recrawl, upkeep};
use crawler::policy::admission::Budget;
use crawler::policy::budget::{Allowances, Caps, Circle};
use crawler::policy::pace::Manners;
use crawler::record::Recorder;
use crawler::turn::{self, Assignment, Measure};
use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::host::Host;
use shared::gemini::response::ResponseHeader;
use shared::gemini::url::GeminiUrl;
use shared::process::disk::Step;
use shared::process::progress::Part;
use shared::store::Store;
use shared::store::cluster::scratch::{self, Scratch};
use shared::store::feed::entry::{self, EntryState};
use shared::store::id::{ChangeId, PageId, WorkerId};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A Geminispace in memory: pages by URL, every host with an address of its own unless all share one.
struct Table {
    pages: HashMap<String, String>,
    /// Where every host lives, if they share an address.
    address: Option<IpAddr>,
    /// Whether anything answers.
    is_down: Mutex<bool>,
    asked: Mutex<BTreeSet<String>>,
}

impl Table {
    fn new(pages: impl IntoIterator<Item = (String, String)>) -> Self {
        let pages = pages.into_iter().collect();
        Self { pages, address: None, is_down: Mutex::new(false), asked: Mutex::default() }
    }

    /// Hosts that have been asked for a page.
    fn hosts(&self) -> BTreeSet<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Fetch for Table {
    async fn resolve(&self, host: &Host) -> Result<Vec<IpAddr>, FetchError> {
        let sum = host.as_str().bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31) ^ u32::from(byte));
        Ok(vec![self.address.unwrap_or_else(|| IpAddr::from((sum | 0x0900_0000).to_be_bytes()))])
    }

    async fn get(&self, url: &GeminiUrl, ip: IpAddr, want: Want) -> Result<Fetched, FetchError> {
        if *self.is_down.lock().unwrap() {
            return Err(FetchError::Connect { source: std::io::Error::from_raw_os_error(111) });
        }
        if want == Want::Page {
            self.asked.lock().unwrap().insert(url.capsule().host().as_str().to_owned());
        }
        let page = self.pages.get(url.as_str());
        let header = if page.is_some() { "20 text/gemini" } else { "51 not found" };
        Ok(Fetched {
            header: ResponseHeader::parse(header.as_bytes()).unwrap(),
            body: Body::new(page.cloned().unwrap_or_default().into_bytes(), Ending::Complete),
            took: Duration::from_millis(1),
            certificate: SeenCertificate {
                fingerprint: Fingerprint::of(url.capsule().to_string().as_bytes()),
                not_after: None,
                signature: Signature::Checked,
            },
            ip,
        })
    }
}

struct World {
    scratch: Scratch,
    store: Store,
    frontier: Stored,
    _recorder: JoinSet<()>,
}

impl World {
    async fn new(new_urls: u32, newcomers: u32) -> Self {
        let scratch = scratch::database().await;
        let store = scratch.store();
        scratch.set_clock(moment(0)).await.unwrap();
        let allowances = Arc::new(Allowances {
            new_urls: Budget::PerDay(new_urls),
            caps: Caps::PerDay { requests: 5_000, bytes: 1 << 30 },
            newcomers,
            admitted: HashSet::new(),
            unlimited: HashSet::new(),
            circle: Circle::Everybody,
        });
        let (recorder, desk) = Recorder::new(store.clone(), Arc::clone(&allowances));
        let mut tasks = JoinSet::new();
        tasks.spawn(recorder.run());
        let (shift, _) = take_over(&store, WorkerId(Uuid::new_v4()), Duration::ZERO).await.unwrap();
        let frontier = Stored::new(store.clone(), shift, desk, allowances);
        Self { scratch, store, frontier, _recorder: tasks }
    }

    async fn plant(&self, seeds: &[&str]) {
        let seeds: BTreeSet<GeminiUrl> = seeds.iter().map(|seed| GeminiUrl::parse(seed).unwrap()).collect();
        crawler::plant(&self.store, &seeds).await.unwrap();
    }

    /// Takes turns until nothing can be leased.
    async fn crawl(&self, table: &Table) {
        for _ in 0..200 {
            let sent = Instant::now();
            let leases = self.frontier.lease(8).await.unwrap();
            if leases.is_empty() {
                return;
            }
            for leased in leases {
                let assignment = Assignment {
                    leased,
                    sent,
                    manners: Manners::Unpaced,
                    measure: Measure::default(),
                    part: Part::default(),
                };
                let stop = CancellationToken::new();
                turn::take(&self.frontier, table, &stop, assignment, &|_| {}).await;
            }
        }
        panic!("the crawl does not end");
    }

    /// The next morning, with a wish to see everything.
    async fn day(&self, day: u64) {
        self.scratch.set_clock(moment(day)).await.unwrap();
        recrawl::slice(&self.store, &"*".parse().unwrap(), PageId(0)).await.unwrap();
    }

    async fn searchable(&self) -> usize {
        let entries =
            self.store.read(async |c| entry::since(c, ChangeId::START, 10_000).await).await.unwrap();
        entries.iter().filter(|entry| matches!(entry.state, EntryState::Searchable(_))).count()
    }
}

/// Ten in the morning of a day long after today, in UTC.
fn moment(day: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(((25_000 + day) * 24 + 10) * 3600)
}

fn page(host: &str, links: impl IntoIterator<Item = String>) -> (String, String) {
    let links: String = links.into_iter().map(|host| format!("=> gemini://{host}/ {host}\n")).collect();
    (format!("gemini://{host}/"), format!("# {host}\n\n{links}"))
}

#[tokio::test]
async fn a_domain_that_answers_for_every_name_brings_a_few_a_day() {
    let name = |n: usize| format!("n{n:02}.wild.example");
    let mut pages = vec![page("wild.example", (0..100).map(name))];
    pages.extend((0..100).map(|n| page(&name(n), [])));
    // Three independent sites link to one of them, two more to another from one domain.
    pages.extend(["one.example", "two.example", "three.example"].map(|host| page(host, [name(97)])));
    pages.extend(["a.four.example", "b.four.example"].map(|host| page(host, [name(98)])));
    let table = Table::new(pages);
    let world = World::new(1_000, 20).await;
    world.plant(&["gemini://wild.example/"]).await;
    world.crawl(&table).await;
    assert_eq!(table.hosts().len(), 1 + 20);

    world.plant(&["gemini://one.example/", "gemini://two.example/", "gemini://three.example/"]).await;
    world.plant(&["gemini://a.four.example/", "gemini://b.four.example/"]).await;
    world.crawl(&table).await;
    assert!(table.hosts().contains(&name(97)), "three independent sites know it");
    assert!(!table.hosts().contains(&name(98)), "two of one owner are one");
    assert_eq!(table.hosts().len(), 1 + 20 + 5 + 1);

    world.day(1).await;
    world.crawl(&table).await;
    assert_eq!(table.hosts().len(), 1 + 20 + 5 + 1 + 20, "those that waited are not lost");
}

#[tokio::test]
async fn an_address_takes_up_a_few_new_capsules_a_day() {
    let mut pages = vec![page("index.example", (0..30).map(|n| format!("d{n:02}.example")))];
    pages.extend((0..30).map(|n| page(&format!("d{n:02}.example"), [])));
    let table = Table { address: Some(IpAddr::from([9, 9, 9, 9])), ..Table::new(pages) };
    let world = World::new(1_000, 20).await;
    world.plant(&["gemini://index.example/"]).await;
    world.crawl(&table).await;
    assert_eq!(table.hosts().len(), 1 + 20);
    world.day(1).await;
    world.crawl(&table).await;
    assert_eq!(table.hosts().len(), 1 + 30);
}

#[tokio::test]
async fn a_site_of_useful_pages_earns_a_larger_budget() {
    const WORDS: [&str; 16] = [
        "the river",
        "an old bridge",
        "my garden",
        "every evening",
        "with friends",
        "under the moon",
        "we talk about",
        "small computers",
        "good books",
        "and the weather",
        "which changes",
        "very slowly",
        "in these hills",
        "where I live",
        "since last year",
        "because it is quiet",
    ];
    let text = |n: usize| -> String {
        (0..24)
            .map(|k| WORDS[(n * 7 + k * (n % 5 + 3) + n / 16) % 16])
            .map(|word| format!("{word} "))
            .collect()
    };
    let links: String = (0..300).map(|n| format!("=> /{n} {n}\n")).collect();
    let front = ("gemini://a.example/".to_owned(), format!("# A\n\n{links}"));
    let own = |n: usize| format!("# Number{n} word{n} thing{n}\n\nname{n} {} place{n} story{n}\n", text(n));
    let pages = (0..300).map(|n| (format!("gemini://a.example/{n}"), own(n)));
    let table = Table::new(pages.chain([front]));
    let world = World::new(40, 20).await;
    world.plant(&["gemini://a.example/"]).await;
    world.crawl(&table).await;
    assert_eq!(world.searchable().await, 1 + 40);
    world.day(1).await;
    world.crawl(&table).await;
    assert_eq!(world.searchable().await, 1 + 40 + 50, "a quarter more after a useful day");
}

#[tokio::test]
async fn a_capsule_dead_for_46_days_leaves_the_results_and_comes_back_with_its_first_answer() {
    let table = Table::new([page("a.example", []), page("b.example", [])]);
    let world = World::new(100, 20).await;
    world.plant(&["gemini://a.example/", "gemini://b.example/"]).await;
    world.crawl(&table).await;
    assert_eq!(world.searchable().await, 2);
    *table.is_down.lock().unwrap() = true;
    world.day(1).await;
    world.crawl(&table).await;
    for (day, searchable) in [(46, 2), (48, 0)] {
        world.scratch.set_clock(moment(day)).await.unwrap();
        upkeep::run((&world.store, &Part::default()), Step::Enough).await;
        assert_eq!(world.searchable().await, searchable, "on day {day}");
    }
    *table.is_down.lock().unwrap() = false;
    world.day(49).await;
    world.crawl(&table).await;
    assert_eq!(world.searchable().await, 2);
}

#[tokio::test]
async fn new_pages_of_a_stable_site_begin_with_its_usual_interval() {
    let links = |count: usize| -> String { (0..count).map(|n| format!("=> /{n} {n}\n")).collect() };
    let front = |count| ("gemini://a.example/".to_owned(), format!("# A\n\n{}", links(count)));
    let pages = |count| {
        let pages = (0..count).map(|n| (format!("gemini://a.example/{n}"), format!("# Page {n}\n")));
        Table::new(pages.chain([front(count)]))
    };
    let world = World::new(100, 20).await;
    world.plant(&["gemini://a.example/"]).await;
    for day in 0..6 {
        world.day(day).await;
        world.crawl(&pages(20)).await;
    }
    upkeep::run((&world.store, &Part::default()), Step::Enough).await;
    // After five quiet visits: 3 days x 1.5^5.
    world.day(6).await;
    let later = pages(21);
    world.crawl(&later).await;
    let due = async |day| {
        world.scratch.set_clock(moment(day)).await.unwrap();
        let leases = world.frontier.lease(1).await.unwrap();
        let Some(leased) = leases.first() else { return false };
        let brief = world.frontier.brief(leased, 100).await.unwrap();
        brief.pages.iter().any(|page| page.url.path_and_query() == "/20")
    };
    assert!(!due(6 + 20).await, "not after 3 days, as on a site that nobody knows");
    assert!(due(6 + 24).await, "but after 23");
}
