//! Turns over the real store and a network in memory: what is leased, what a batch writes, and what a lost
//! lease leaves out.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

mod asked;
mod kept;
mod removals;
mod rules;
mod shifts;
mod shut_out;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crawler::fetch::fetched::{Body, Ending, Fetch, FetchError, Fetched, SeenCertificate, Signature, Want};
use crawler::frontier::seam::Frontier;
use crawler::frontier::stored::{Stored, take_over};
use crawler::policy::admission::Budget;
use crawler::policy::budget::{Allowances, Caps, Circle};
use crawler::policy::pace::Manners;
use crawler::record::Recorder;
use crawler::record::handover::{Grip, Handover};
use crawler::turn::{self, Assignment, End, Measure};
use rstest::rstest;
use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::host::Host;
use shared::gemini::response::ResponseHeader;
use shared::gemini::url::GeminiUrl;
use shared::process::disk::Step;
use shared::process::progress::Part;
use shared::store::Store;
use shared::store::asked::exclusion::{self, Exclusion};
use shared::store::cluster::scratch::{self, Scratch};
use shared::store::crawl::turn::{GiveBack, Leased, Pause, backlog};
use shared::store::feed::entry::{self, EntryState};
use shared::store::id::{ChangeId, PageId, WorkerId};
use shared::store::known::page::{self, Let};
use shared::store::known::removal::{self, Open, Origin};
use shared::store::rule::Rule;
use sqlx::ConnectOptions as _;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Geminispace as a table: URL to header line and body. What is not in it is not found.
struct Table(HashMap<String, (String, String)>);

impl Fetch for Table {
    async fn resolve(&self, host: &Host) -> Result<Vec<IpAddr>, FetchError> {
        // Every host has its own address, by its name.
        let sum = host.as_str().bytes().fold(7_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        Ok(vec![IpAddr::from([192, 0, 2, sum])])
    }

    async fn get(&self, url: &GeminiUrl, ip: IpAddr, _want: Want) -> Result<Fetched, FetchError> {
        let not_found = ("51 not found".to_owned(), String::new());
        let (header, body) = self.0.get(url.as_str()).cloned().unwrap_or(not_found);
        Ok(Fetched {
            header: ResponseHeader::parse(header.as_bytes()).unwrap(),
            body: Body::new(body.into_bytes(), Ending::Complete),
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
    worker: WorkerId,
    allowances: Arc<Allowances>,
    recorders: JoinSet<()>,
}

impl World {
    async fn new(new_urls: Budget, seeds: &[&str]) -> Self {
        Self::with_caps(new_urls, Caps::PerDay { requests: 5_000, bytes: 1 << 30 }, seeds).await
    }

    async fn with_caps(new_urls: Budget, caps: Caps, seeds: &[&str]) -> Self {
        let scratch = scratch::database().await;
        let store = scratch.store();
        let allowances = Arc::new(Allowances {
            new_urls,
            caps,
            newcomers: 20,
            admitted: HashSet::new(),
            unlimited: HashSet::new(),
            circle: Circle::Everybody,
        });
        let (recorder, desk) = Recorder::new(store.clone(), Arc::clone(&allowances));
        let mut tasks = JoinSet::new();
        tasks.spawn(recorder.run());
        let worker = WorkerId(Uuid::new_v4());
        let (shift, _) = take_over(&store, worker, Duration::ZERO).await.unwrap();
        let frontier = Stored::new(store.clone(), shift, desk, Arc::clone(&allowances));
        let seeds: BTreeSet<GeminiUrl> = seeds.iter().map(|seed| GeminiUrl::parse(seed).unwrap()).collect();
        assert_eq!(crawler::plant(&store, &seeds).await.unwrap(), seeds.len());
        assert_eq!(crawler::plant(&store, &seeds).await.unwrap(), 0, "seeds are planted once");
        Self { scratch, store, frontier, worker, allowances, recorders: tasks }
    }

    /// The worker's next process takes over, with a frontier that remembers nothing of the one before, which is
    /// returned.
    async fn begin_anew(&mut self) -> Stored {
        let allowances = Arc::clone(&self.allowances);
        let (recorder, desk) = Recorder::new(self.store.clone(), Arc::clone(&allowances));
        self.recorders.spawn(recorder.run());
        let (shift, _) = take_over(&self.store, self.worker, Duration::ZERO).await.unwrap();
        std::mem::replace(&mut self.frontier, Stored::new(self.store.clone(), shift, desk, allowances))
    }

    /// How the last visits ended.
    async fn outcomes(&self) -> Vec<String> {
        let mut connection = self.scratch.options().connect().await.unwrap();
        let outcomes = sqlx::query_scalar("select outcome from page where outcome is not null order by id");
        outcomes.fetch_all(&mut connection).await.unwrap()
    }

    /// Texts that the store keeps.
    async fn texts(&self) -> i64 {
        let mut connection = self.scratch.options().connect().await.unwrap();
        sqlx::query_scalar("select count(*) from content").fetch_one(&mut connection).await.unwrap()
    }

    /// Takes turns until nothing can be leased; returns how many.
    async fn crawl(&self, table: &impl Fetch) -> usize {
        let mut turns = 0;
        for _ in 0..100 {
            let sent = Instant::now();
            let leases = self.frontier.lease(8).await.unwrap();
            if leases.is_empty() {
                return turns;
            }
            for leased in leases {
                let (manners, measure) = (Manners::Unpaced, Measure::default());
                let assignment = Assignment { leased, sent, manners, measure, part: Part::default() };
                let stop = CancellationToken::new();
                let end = turn::take(&self.frontier, table, &stop, assignment, &|_| {}).await;
                assert!(matches!(end, End::Done), "{end:?}");
                turns += 1;
            }
        }
        panic!("the crawl does not end");
    }

    /// How long until something is due.
    async fn next_in(&self) -> Option<Duration> {
        self.store.read(async |c| backlog(c).await).await.unwrap().next_in
    }

    async fn one_lease(&self) -> Leased {
        self.frontier.lease(1).await.unwrap().pop().expect("something is due")
    }

    async fn searchable(&self) -> BTreeSet<String> {
        let entries =
            self.store.read(async |c| entry::since(c, ChangeId::START, 10_000).await).await.unwrap();
        let url = |entry: entry::Entry| match entry.state {
            EntryState::Searchable(page) => Some(page.url.to_string()),
            EntryState::Removed | EntryState::Unreadable { .. } => None,
        };
        entries.into_iter().filter_map(url).collect()
    }
}

fn table(rows: &[(&str, &str, &str)]) -> Table {
    let row = |(url, header, body): &(&str, &str, &str)| {
        ((*url).to_owned(), ((*header).to_owned(), (*body).to_owned()))
    };
    Table(rows.iter().map(row).collect())
}

const GEMTEXT: &str = "20 text/gemini";

#[tokio::test]
async fn links_and_redirects_lead_to_pages_of_other_capsules() {
    let space = table(&[
        ("gemini://a.example/", GEMTEXT, "# A\n=> /one One\n=> gemini://b.example/x B's x\n=> /old Moved\n"),
        ("gemini://a.example/one", GEMTEXT, "# One\n=> / Back\n"),
        ("gemini://a.example/old", "31 gemini://c.example/new", ""),
        ("gemini://b.example/x", GEMTEXT, "# X\n"),
        ("gemini://c.example/new", GEMTEXT, "# New\n"),
    ]);
    let world = World::new(Budget::PerDay(100), &["gemini://a.example/"]).await;
    world.crawl(&space).await;
    let expected =
        ["gemini://a.example/", "gemini://a.example/one", "gemini://b.example/x", "gemini://c.example/new"];
    assert_eq!(world.searchable().await, expected.map(str::to_owned).into());
    let backlog = world.store.read(async |c| backlog(c).await).await.unwrap();
    assert_eq!(backlog.due_capsules, 0);
    assert!(backlog.next_in.is_some(), "every page is planned again");
}

/// The turn ends in the transaction that writes its last page.
#[tokio::test]
async fn a_capsule_is_due_again_when_the_last_page_of_its_turn_is() {
    let space = table(&[("gemini://a.example/one.gmi", GEMTEXT, "# One\n")]);
    let world = World::new(Budget::PerDay(10), &["gemini://a.example/one.gmi"]).await;
    world.crawl(&space).await;
    let next_in = world.next_in().await.expect("its page is planned again");
    let three_days = Duration::from_secs(3 * 24 * 3600);
    assert!((three_days.mul_f64(0.7)..three_days.mul_f64(1.3)).contains(&next_in), "{next_in:?}");
}

#[tokio::test]
async fn a_site_brings_no_more_new_urls_than_its_budget() {
    let links: String = (0..50).map(|n| format!("=> /{n} {n}\n")).collect();
    let space = table(&[("gemini://maze.example/", GEMTEXT, &links)]);
    let world = World::new(Budget::PerDay(10), &["gemini://maze.example/"]).await;
    world.crawl(&space).await;
    let pages = world.store.read(async |c| entry::all(c, PageId(0), 100).await).await.unwrap();
    assert_eq!(pages.len(), 1, "the front page alone was found");
    let due = world.frontier.lease(8).await.unwrap();
    assert!(due.is_empty());
}

#[tokio::test]
async fn a_visit_under_a_lost_lease_is_left_out() {
    let mut world = World::new(Budget::PerDay(10), &["gemini://a.example/"]).await;
    let lost = world.one_lease().await;
    world.begin_anew().await;
    let current = world.one_lease().await;
    assert_ne!(lost.token, current.token);
    assert_eq!(world.frontier.renew(&lost).await.unwrap(), Grip::Lost);
    assert_eq!(world.frontier.claim(&lost, Duration::from_secs(5)).await.unwrap(), Grip::Lost);
    let end = |leased: &Leased| Handover {
        leased: leased.clone(),
        visit: None,
        end: Some(GiveBack { leased: leased.clone(), gap: Duration::ZERO, ip: None, pause: Pause::None }),
    };
    assert_eq!(world.frontier.hand_over(end(&lost)).await.unwrap(), Grip::Lost);
    assert!(world.frontier.lease(1).await.unwrap().is_empty(), "the capsule is still the newer turn's");
    assert_eq!(world.frontier.hand_over(end(&current)).await.unwrap(), Grip::Held);
    assert_eq!(world.frontier.lease(1).await.unwrap().len(), 1, "its page is still due");
}

#[tokio::test]
async fn a_capsule_is_leased_once_and_a_claimed_moment_is_kept() {
    let mut world = World::new(Budget::PerDay(10), &["gemini://a.example/", "gemini://b.example/"]).await;
    let leases = world.frontier.lease(8).await.unwrap();
    assert_eq!(leases.len(), 2);
    assert!(world.frontier.lease(8).await.unwrap().is_empty());
    let first = leases.first().unwrap();
    assert_eq!(world.frontier.claim(first, Duration::from_secs(60)).await.unwrap(), Grip::Held);
    world.begin_anew().await;
    let again = world.frontier.lease(8).await.unwrap();
    assert_eq!(again.len(), 1, "the claimed capsule has to rest");
    assert_ne!(again.first().map(|lease| lease.capsule), Some(first.capsule));
}

#[tokio::test]
async fn what_is_gone_leaves_the_search() {
    let mut space = table(&[
        ("gemini://a.example/", GEMTEXT, "# A\n=> /one One\n"),
        ("gemini://a.example/one", GEMTEXT, "# One\n"),
    ]);
    let world = World::new(Budget::PerDay(100), &["gemini://a.example/"]).await;
    world.crawl(&space).await;
    assert_eq!(world.searchable().await.len(), 2);
    space.0.insert("gemini://a.example/one".to_owned(), ("52 gone".to_owned(), String::new()));
    let pattern = "gemini://a.example/one".parse().unwrap();
    crawler::jobs::recrawl::slice(&world.store, &pattern, PageId(0)).await.unwrap();
    world.crawl(&space).await;
    assert_eq!(world.searchable().await, ["gemini://a.example/".to_owned()].into());
}

#[tokio::test]
async fn what_is_asked_for_comes_before_what_has_waited_longer_and_nothing_else_is_touched() {
    let seeds =
        ["gemini://a.example/", "gemini://b.example/", "gemini://deep.c.example/", "gemini://c.example/"];
    let mut world = World::new(Budget::PerDay(100), &seeds).await;
    let mut first = async |pattern: &str| {
        let pattern = pattern.parse().unwrap();
        let mut named = 0;
        let mut after = PageId(0);
        while let Some((last, pages)) =
            crawler::jobs::recrawl::slice(&world.store, &pattern, after).await.unwrap()
        {
            (after, named) = (last, named + pages);
        }
        let leases = world.frontier.lease(1).await.unwrap();
        world.begin_anew().await;
        (leases.first().unwrap().addr.to_string(), named)
    };
    assert_eq!(first("gemini://b.example/").await, ("b.example".to_owned(), 1));
    assert_eq!(first("*.c.example").await.1, 2);
    assert_eq!(first("gemini://b.example/nothing/*").await.1, 0);
    assert_eq!(first("nowhere.example").await.1, 0);
    assert_eq!(first("*").await.1, 4);
}

/// A network that notes what it is asked for.
struct Noting<'a>(&'a Table, Mutex<Vec<String>>);

impl Noting<'_> {
    /// The paths asked for since the last look.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.1.lock().unwrap())
    }
}

impl Fetch for Noting<'_> {
    async fn resolve(&self, host: &Host) -> Result<Vec<IpAddr>, FetchError> {
        self.0.resolve(host).await
    }

    async fn get(&self, url: &GeminiUrl, ip: IpAddr, want: Want) -> Result<Fetched, FetchError> {
        self.1.lock().unwrap().push(url.path_and_query().to_owned());
        self.0.get(url, ip, want).await
    }
}

/// A moment of a day long after today, in UTC.
fn moment(day: u64, hour: u64, minute: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(((25_000 + day) * 24 + hour) * 3600 + minute * 60)
}

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

#[rstest]
#[case::by_requests(Caps::PerDay { requests: 4, bytes: 1 << 30 })]
#[case::by_bytes(Caps::PerDay { requests: 5_000, bytes: 60 })]
#[tokio::test]
async fn a_site_that_has_used_up_its_day_rests_until_the_stores_midnight(#[case] caps: Caps) {
    // 42 bytes of a front page, and ten of each page.
    let pages: Vec<String> = (1..=8).map(|n| format!("gemini://a.example/{n}")).collect();
    let links = "=>/1\n=>/2\n=>/3\n=>/4\n=>/5\n=>/6\n=>/7\n=>/8\n..";
    let mut rows = vec![("gemini://a.example/", GEMTEXT, links)];
    rows.extend(pages.iter().map(|url| (url.as_str(), GEMTEXT, "ten bytes\n")));
    let space = table(&rows);
    let network = Noting(&space, Mutex::default());
    let world = World::with_caps(Budget::PerDay(100), caps, &["gemini://a.example/"]).await;
    world.scratch.set_clock(moment(0, 22, 0)).await.unwrap();
    // The seed was planted by the other clock; whom to tell of holes has been asked since.
    let mut connection = world.scratch.options().connect().await.unwrap();
    sqlx::query("update capsule set contact_again = 'infinity'").execute(&mut connection).await.unwrap();
    let everything = "*".parse().unwrap();
    crawler::jobs::recrawl::slice(&world.store, &everything, PageId(0)).await.unwrap();

    world.crawl(&network).await;
    assert_eq!(network.asked(), ["/robots.txt", "/", "/1", "/2"]);
    let rest = world.next_in().await.unwrap();
    assert!(2 * HOUR - MINUTE < rest && rest <= 2 * HOUR, "until midnight, not {rest:?}");

    world.scratch.set_clock(moment(0, 23, 59)).await.unwrap();
    world.crawl(&network).await;
    crawler::jobs::recrawl::slice(&world.store, &everything, PageId(0)).await.unwrap();
    world.crawl(&network).await;
    assert_eq!(network.asked(), [""; 0], "neither by time nor by wish before midnight");

    world.scratch.set_clock(moment(1, 0, 1)).await.unwrap();
    world.crawl(&network).await;
    assert!(network.asked().len() >= 3, "a new day");
}

#[tokio::test]
async fn a_site_at_rest_hides_no_page_of_its_neighbour_in_the_same_capsule() {
    let own: String = (0..300).map(|n| format!("=> /{n} {n}\n")).collect();
    let space = table(&[
        ("gemini://a.example/", GEMTEXT, &own),
        ("gemini://b.example/", GEMTEXT, "# B\n=> gemini://a.example/~ann/late Ann's\n"),
        ("gemini://a.example/~ann/", GEMTEXT, "# Ann\n"),
        ("gemini://a.example/~ann/late", GEMTEXT, "# Late\n"),
    ]);
    let network = Noting(&space, Mutex::default());
    let caps = Caps::PerDay { requests: 40, bytes: 1 << 30 };
    let seeds = ["gemini://a.example/", "gemini://a.example/~ann/"];
    let world = World::with_caps(Budget::PerDay(1_000), caps, &seeds).await;
    world.crawl(&network).await;
    let asked = network.asked();
    let of_ann = asked.iter().filter(|path| path.starts_with("/~ann/")).count();
    assert_eq!((asked.len() - of_ann, of_ann), (40, 2), "the whole day of one site, all pages of the other");

    // While the capsule has nothing to do until midnight, somebody links a new page of the other site.
    let seeds = ["gemini://b.example/"].map(|seed| GeminiUrl::parse(seed).unwrap());
    crawler::plant(&world.store, &seeds.into()).await.unwrap();
    world.crawl(&network).await;
    assert_eq!(network.asked(), ["/robots.txt", "/", "/~ann/late"]);
}
