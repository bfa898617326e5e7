//! Years in seconds: the real turn and the real policies over a frontier and a network in memory, on the paused clock.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "years/world.rs"]
mod world;

use std::time::Duration;

use crawler::policy::breaker;
use crawler::policy::schedule::Jitter;
use world::{Health, Life, World};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
/// Slots of a crawler.
const SLOTS: usize = 64;

/// How often pages change in Geminispace, as far as one can tell: share and mean time between changes.
const MIX: [(f64, Duration); 4] =
    [(0.70, YEAR), (0.20, DAY.saturating_mul(30)), (0.08, DAY.saturating_mul(7)), (0.02, DAY)];

/// The first and the second year of twelve capsules of 85 pages.
async fn years(mix: &[(f64, Duration)]) -> [Year; 2] {
    let world = World::new((0..12).map(|_| Life::changing(85, mix)), Duration::from_millis(300));
    world.run(SLOTS, YEAR).await;
    let first = world.figures();
    world.run(SLOTS, 2 * YEAR).await;
    let both = world.figures();
    let year = |fetches: usize, stale: Duration| Year {
        fetches: fetches as f64 / PAGES / (365.0 / 30.0),
        freshness: 1.0 - stale.as_secs_f64() / (PAGES * YEAR.as_secs_f64()),
    };
    [year(first.fetches, first.stale), year(both.fetches - first.fetches, both.stale - first.stale)]
}

/// Pages of those capsules.
const PAGES: f64 = 12.0 * 85.0;

/// What a year came to.
#[derive(Clone, Copy, Debug)]
struct Year {
    /// Of a page, in 30 days.
    fetches: f64,
    /// The share of time in which what we hold is what is there.
    freshness: f64,
}

/// In the first year every page is new and its rhythm is learnt from three days upwards; from then on the promise
/// holds. The trade is the schedule's: half again as long when nothing changed, half when something did.
#[tokio::test(start_paused = true)]
async fn pages_are_fresh_at_little_cost_and_stable_sites_cost_less() {
    let [first, mix] = years(&MIX).await;
    println!("the mix: {first:?}, then {mix:?}");
    assert!(mix.fetches <= 2.4 && mix.freshness >= 0.88, "{mix:?}");
    assert!(first.fetches <= 2.8 && first.freshness >= 0.88, "while all of it is learnt: {first:?}");
    let [_, stable] = years(&MIX[..1]).await;
    println!("pages that change once a year: {stable:?}");
    assert!(stable.fetches < 0.6 * mix.fetches && stable.freshness > mix.freshness, "{stable:?}");
}

/// A large capsule whose answers take five seconds, so that it is a turn for each page.
fn large(health: Health) -> Life {
    Life { health, ..Life::changing(200, &MIX[..1]) }
}

fn half(of_them: Health) -> impl Iterator<Item = Life> {
    (0..1_000).map(move |number| large(if number % 2 == 0 { of_them } else { Health::Lives }))
}

#[tokio::test(start_paused = true)]
async fn after_the_first_pass_dead_capsules_take_few_turns() {
    let world = World::new(half(Health::Dead), Duration::from_secs(5));
    world.run(SLOTS, 90 * MINUTE).await;
    let figures = world.figures();
    let (live, dead) = (figures.later_turns_of_live as f64, figures.later_turns_of_dead as f64);
    println!("after the first pass: {live} turns of live capsules, {dead} of dead ones");
    assert!(dead > 500.0, "they are tried again");
    assert!(live / (live + dead) >= 0.95, "{live} turns of live capsules, {dead} of dead ones");
}

#[tokio::test(start_paused = true)]
async fn a_revived_capsule_is_back_within_its_probe_interval() {
    let revival = 3 * DAY + 5 * HOUR;
    let lives = (0..10).map(|_| Life { health: Health::DeadUntil(revival), ..Life::changing(3, &MIX[..1]) });
    let world = World::new(lives, Duration::from_millis(300));
    world.run(SLOTS, revival).await;
    let longest = world
        .failures()
        .map(|failures| breaker::open_for(failures, Jitter::new(1.0)).unwrap())
        .max()
        .unwrap();
    assert!(longest > DAY, "their breakers are open for long by now: {longest:?}");
    assert_eq!(world.figures().fetches, 0);
    world.run(SLOTS, revival + longest).await;
    assert_eq!(world.answering(), 10, "every one was found again within {longest:?}");
}

#[tokio::test(start_paused = true)]
async fn names_that_never_resolve_leave_the_others_their_rate() {
    let rate = async |lives: Vec<Life>| {
        let world = World::new(lives, Duration::from_secs(5));
        world.run(SLOTS, 30 * MINUTE).await;
        world.figures().fetches as f64
    };
    let alone = rate((0..500).map(|_| large(Health::Lives)).collect()).await;
    let beside = rate(half(Health::Nameless).collect()).await;
    println!("{alone} pages alone, {beside} beside 500 names that never resolve");
    assert!(beside >= 0.9 * alone, "{beside} pages instead of {alone}");
}

#[tokio::test(start_paused = true)]
async fn capsules_without_end_delay_the_others_by_a_fifth_at_most() {
    let finished = async |traps: usize| {
        let good = (0..20).map(|_| Life::changing(50, &MIX[..1]));
        let endless = (0..traps).map(|_| Life::changing(5_000, &MIX[..1]));
        let world = World::new(good.chain(endless), Duration::from_millis(300));
        world.run(SLOTS, HOUR).await;
        world.finished(20).expect("within the hour").as_secs_f64()
    };
    let (alone, beside) = (finished(0).await, finished(8).await);
    println!("20 capsules are done after {alone:.0} s, beside 8 traps after {beside:.0} s");
    assert!(beside <= 1.2 * alone, "{beside:.0} s instead of {alone:.0} s");
}
