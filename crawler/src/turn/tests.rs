//! A turn over a frontier and a network in memory, on the paused clock: its order, its pace, its lease.

mod memory;

use std::net::IpAddr;
use std::time::Duration;

use rstest::rstest;
use shared::store::known::robots::{KeptRobots, LastGood, RobotsAnswer};
use shared::store::outcome::Stage;

use super::*;
use memory::{Event, Space, secs};

const ROBOTS: &str = "/robots.txt";

impl Space {
    /// Takes one turn of the capsule.
    async fn turn(&self, manners: Manners) -> End {
        let (leased, sent) = (self.leased(), Instant::now());
        let assignment =
            Assignment { leased, sent, manners, measure: Measure::default(), part: Part::default() };
        take(self, self, &self.stop, assignment, &|_| {}).await
    }
}

fn ip(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

#[tokio::test(start_paused = true)]
async fn a_turn_asks_for_the_rules_and_then_page_by_page() {
    let space = Space::new(&["/", "/one", "/two"]).takes(secs(1));
    assert!(matches!(space.turn(Manners::Polite).await, End::Done));
    assert_eq!(space.paths_asked(), [ROBOTS, "/", "/one", "/two"]);
    assert_eq!(space.most_at_once(), 1);
    // Every request is stored before the next is sent, and the last together with the give-back.
    let order: Vec<&str> = space.events().iter().map(|(_, event)| event.word()).collect();
    let one = ["claim", "ask", "commit"];
    let expected: Vec<&str> = [one, one, one, ["claim", "ask", "commit and give back"]].concat();
    assert_eq!(order, expected);
}

#[rstest]
#[case::quick_answers(Duration::from_millis(10), None, Duration::from_millis(2_500))]
#[case::slow_answers(secs(1), None, secs(5))]
#[case::crawl_delay(secs(1), Some("Crawl-delay: 8"), secs(8))]
#[tokio::test(start_paused = true)]
async fn the_gap_between_requests(#[case] took: Duration, #[case] rule: Option<&str>, #[case] gap: Duration) {
    let space = Space::new(&["/", "/one", "/two"]).takes(took);
    let space = match rule {
        Some(rule) => space.says(ROBOTS, "20 text/plain", &format!("User-agent: *\n{rule}\n")),
        None => space,
    };
    space.turn(Manners::Polite).await;
    assert_eq!(space.gaps(), [gap; 3]);
    // What is stored before a connection keeps others away as long as it may take effect.
    assert!(space.claims().iter().skip(1).all(|claim| *claim == gap));
}

#[tokio::test(start_paused = true)]
async fn a_long_gap_is_not_waited_out_in_a_slot() {
    let space = Space::new(&["/", "/one"]).says(ROBOTS, "20 text/plain", "User-agent: *\nCrawl-delay: 50\n");
    space.turn(Manners::Polite).await;
    assert_eq!(space.paths_asked(), [ROBOTS]);
    assert_eq!(space.given_back().map(|end| end.gap), Some(secs(50)));
}

/// What a turn asks for beside its pages is followed by the same gap.
#[rstest]
#[case::whom_to_tell("/", "/.well-known/security.txt")]
#[case::a_users_rules("/~ann/", "/~ann/robots.txt")]
#[tokio::test(start_paused = true)]
async fn a_long_gap_before_the_first_page_is_not_waited_out_either(#[case] page: &str, #[case] asked: &str) {
    let kept = KeptRobots {
        fresh_for: secs(3600),
        answer: RobotsAnswer::Rules,
        unreachable_for: None,
        last_good: Some(LastGood { text: "User-agent: *\nCrawl-delay: 50\n".to_owned(), age: secs(60) }),
    };
    let space = Space::new(&[page]).keeps("/", kept);
    let space = if page == "/" { space.wants_contact() } else { space };
    assert!(matches!(space.turn(Manners::Polite).await, End::Done));
    assert_eq!(space.paths_asked(), [asked]);
    assert_eq!(space.given_back().map(|end| (end.gap, end.pause)), Some((secs(50), Pause::None)));
}

#[tokio::test(start_paused = true)]
async fn our_own_space_needs_no_gap_and_no_claim() {
    let space = Space::new(&["/", "/one", "/two"]);
    space.turn(Manners::Unpaced).await;
    assert_eq!(space.paths_asked().len(), 4);
    assert!(space.claims().is_empty());
    assert_eq!(space.gaps(), [Duration::ZERO; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_long_turn_renews_its_lease_and_ends_after_a_minute() {
    let paths: Vec<String> = (0..40).map(|n| format!("/{n}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let space = Space::new(&paths).takes(secs(1));
    assert!(matches!(space.turn(Manners::Polite).await, End::Done));
    let renewals = space.moments("renew");
    assert_eq!(renewals.len(), 1);
    assert!(renewals.iter().all(|at| *at >= secs(40) && *at < secs(50)));
    assert!(space.moments("ask").iter().all(|at| *at <= secs(60)));
    assert_eq!(space.moments("commit and give back").len(), 1);
}

/// On the only thread that there is: else four MiB of text would hold up every capsule that is being asked.
#[tokio::test]
async fn while_a_long_text_is_read_others_go_on() {
    let space = Space::new(&["/"]).says("/", "20 text/gemini", &"Words without an end.\n".repeat(4_000));
    let mut others = 0;
    let meanwhile = async {
        loop {
            others += usize::from(space.is_reading());
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        end = space.turn(Manners::Unpaced) => assert!(matches!(end, End::Done)),
        () = meanwhile => {}
    }
    assert!(0 < others, "nobody did anything meanwhile");
    assert_eq!(space.outcomes(), [Outcome::NotFound, Outcome::Fetched]);
}

#[tokio::test(start_paused = true)]
async fn a_turn_has_thirty_two_requests_at_most() {
    let paths: Vec<String> = (0..40).map(|n| format!("/{n}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let space = Space::new(&paths);
    space.turn(Manners::Unpaced).await;
    assert_eq!(space.paths_asked().len(), 32);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_opened_when_the_claim_finds_the_lease_lost() {
    let space = Space::new(&["/"]).loses_lease();
    assert!(matches!(space.turn(Manners::Polite).await, End::Lost));
    assert!(space.paths_asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_opened_on_a_renewal_that_is_too_old() {
    // The renewal was sent in time, but the answer came so late that the lease may be another's soon.
    let paths: Vec<String> = (0..20).map(|n| format!("/{n}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let space = Space::new(&paths).takes(secs(1)).answers_renewals_after(secs(80));
    assert!(matches!(space.turn(Manners::Polite).await, End::Lost));
    assert!(space.moments("ask").iter().all(|at| *at < secs(50)));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_moved_is_found_at_its_new_address() {
    let space = Space::new(&["/"]).resolves_to(&[ip(7), ip(8)]);
    space.turn(Manners::Unpaced).await;
    assert_eq!(space.swaps(), [ip(7)]);
    assert!(space.addresses_asked().iter().all(|asked| *asked == ip(7)));
}

#[tokio::test(start_paused = true)]
async fn an_address_that_another_turn_holds_is_waited_for() {
    let space = Space::new(&["/"]).resolves_to(&[ip(7)]).holds(ip(7));
    assert!(matches!(space.turn(Manners::Polite).await, End::Done));
    assert!(space.paths_asked().is_empty());
    assert_eq!(space.given_back().map(|end| end.ip), Some(Some(ip(7))));
}

#[tokio::test(start_paused = true)]
async fn the_next_address_is_tried_when_the_first_refuses() {
    let space = Space::new(&["/"]).resolves_to(&[ip(1), ip(2)]).refuses_at(ip(1));
    space.turn(Manners::Polite).await;
    assert_eq!(space.addresses_asked(), [ip(1), ip(2), ip(2)]);
    assert_eq!(space.given_back().map(|end| end.ip), Some(Some(ip(2))));
    assert_eq!(space.outcomes(), [Outcome::NotFound, Outcome::Fetched]);
}

#[tokio::test(start_paused = true)]
async fn slow_down_ends_the_turn_for_as_long_as_it_says() {
    let space = Space::new(&["/", "/one"]).says("/", "44 90", "");
    space.turn(Manners::Polite).await;
    assert_eq!(space.paths_asked(), [ROBOTS, "/"]);
    assert_eq!(space.given_back().map(|end| end.pause), Some(Pause::Capsule(secs(90))));
}

#[rstest]
#[case::temporary_failure("41 down")]
#[case::redirect_elsewhere("30 gemini://b.example/robots.txt")]
#[tokio::test(start_paused = true)]
async fn nothing_is_crawled_while_the_rules_are_unknown(#[case] header: &str) {
    let space = Space::new(&["/", "/one"]).says(ROBOTS, header, "");
    space.turn(Manners::Polite).await;
    assert_eq!(space.paths_asked(), [ROBOTS]);
    assert_eq!(space.given_back().map(|end| end.pause), Some(Pause::Capsule(secs(15 * 60))));
}

#[tokio::test(start_paused = true)]
async fn a_fresh_copy_of_the_rules_is_used_without_asking() {
    let kept = KeptRobots {
        fresh_for: secs(3600),
        answer: RobotsAnswer::NoRules,
        unreachable_for: None,
        last_good: None,
    };
    let space = Space::new(&["/"]).keeps("/", kept);
    space.turn(Manners::Polite).await;
    assert_eq!(space.paths_asked(), ["/"]);
}

#[tokio::test(start_paused = true)]
async fn robots_redirects_are_followed_within_the_capsule_at_its_pace() {
    let space = Space::new(&["/", "/private/x"]).says(ROBOTS, "31 /real/robots.txt", "").says(
        "/real/robots.txt",
        "20 text/plain",
        "User-agent: *\nDisallow: /private/\n",
    );
    space.turn(Manners::Polite).await;
    assert_eq!(space.paths_asked(), [ROBOTS, "/real/robots.txt", "/"]);
    assert_eq!(space.outcomes().last(), Some(&Outcome::RefusedByRobots));
    assert!(space.gaps().iter().all(|gap| *gap >= Duration::from_millis(2_500)));
}

#[tokio::test(start_paused = true)]
async fn a_users_own_rules_hold_in_their_folder() {
    let space = Space::new(&["/~ann/", "/~ann/drafts/x", "/~bob/drafts/x"]).says(
        "/~ann/robots.txt",
        "20 text/plain",
        "User-agent: *\nDisallow: /drafts/\n",
    );
    space.turn(Manners::Unpaced).await;
    let asked = space.paths_asked();
    assert!(!asked.contains(&"/~ann/drafts/x".to_owned()));
    assert!(asked.contains(&"/~bob/drafts/x".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn slow_down_in_answer_to_a_users_rules_ends_the_turn_too() {
    let space = Space::new(&["/", "/~ann/"]).says("/~ann/robots.txt", "44 60", "");
    space.turn(Manners::Unpaced).await;
    assert_eq!(space.paths_asked(), [ROBOTS, "/", "/~ann/robots.txt"]);
    assert_eq!(space.given_back().map(|end| end.pause), Some(Pause::Capsule(secs(60))));
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_an_outcome_and_never_followed() {
    let space = Space::new(&["/old"]).says("/old", "31 gemini://b.example/new", "");
    space.turn(Manners::Polite).await;
    assert_eq!(space.paths_asked(), [ROBOTS, "/old"]);
    assert_eq!(space.targets(), [("gemini://b.example/new".to_owned(), 1)]);
}

#[tokio::test(start_paused = true)]
async fn five_failures_open_the_breaker_and_end_the_turn() {
    let paths: Vec<String> = (0..9).map(|n| format!("/{n}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let kept = KeptRobots {
        fresh_for: secs(3600),
        answer: RobotsAnswer::NoRules,
        unreachable_for: None,
        last_good: None,
    };
    let space = Space::new(&paths).keeps("/", kept).refuses_at(ip(1));
    space.turn(Manners::Polite).await;
    assert_eq!(space.outcomes(), [Outcome::Unreachable(Stage::Connect); 5]);
    assert!(space.breaker().is_some_and(|span| span >= secs(12 * 60)));
}

#[tokio::test(start_paused = true)]
async fn our_own_fault_is_never_blamed_on_the_capsule() {
    let space = Space::new(&["/", "/one"]).lacks_descriptors();
    assert!(matches!(space.turn(Manners::Polite).await, End::OurFault(_)));
    assert!(space.outcomes().is_empty());
    assert_eq!(space.given_back().map(|end| end.pause), Some(Pause::None));
}

#[tokio::test(start_paused = true)]
async fn asked_to_stop_the_turn_finishes_its_page_and_gives_back() {
    let space = Space::new(&["/", "/one", "/two"]).takes(secs(1)).stops_during("/");
    assert!(matches!(space.turn(Manners::Polite).await, End::Stopped));
    assert_eq!(space.paths_asked(), [ROBOTS, "/"]);
    assert_eq!(space.outcomes().len(), 2);
    assert!(space.events().iter().any(|(_, event)| matches!(event, Event::GiveBack(_))));
}

#[rstest]
#[case::requests((3, 1 << 20), &[ROBOTS, "/", "/one"])]
#[case::the_rules_count_too((1, 1 << 20), &[ROBOTS])]
#[case::bytes((100, 1), &[ROBOTS, "/"])]
#[tokio::test(start_paused = true)]
async fn a_turn_ends_where_the_day_is_used_up(#[case] caps: (u32, u64), #[case] expected: &[&str]) {
    let space = Space::new(&["/", "/one", "/two"]).with_caps(caps.0, caps.1);
    assert!(matches!(space.turn(Manners::Unpaced).await, End::Done));
    assert_eq!(space.paths_asked(), expected);
    // Given back together with the last page where there was one; the store knows when the next day begins.
    assert_eq!(space.given_back().map(|end| end.pause), Some(Pause::None));
}

#[tokio::test(start_paused = true)]
async fn a_site_that_has_used_up_its_day_stops_no_other() {
    let space = Space::new(&["/", "/~ann/", "/one", "/~bob/", "/two"]).with_caps(2, 1 << 20);
    space.turn(Manners::Unpaced).await;
    assert_eq!(
        space.paths_asked(),
        [ROBOTS, "/", "/~ann/robots.txt", "/~ann/", "/~bob/robots.txt", "/~bob/"]
    );
}
