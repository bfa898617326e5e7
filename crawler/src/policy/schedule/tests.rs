use proptest::prelude::*;
use rstest::rstest;
use shared::store::outcome::Stage;

use super::*;

const UNSEEN: History = History {
    interval: Duration::ZERO,
    failures: 0,
    last: None,
    standing: Standing::Unseen,
    usual: None,
    rhythm: Rhythm::Ordinary,
};

fn seen(days: u32, rhythm: Rhythm) -> History {
    History {
        interval: DAY * days,
        last: Some(Outcome::Fetched),
        standing: Standing::Searchable,
        rhythm,
        ..UNSEEN
    }
}

/// Hours to the next visit.
fn hours(history: &History, outcome: Outcome) -> Option<u64> {
    after(history, outcome, HOUR, Jitter::NONE).due_in.map(|span| span.as_secs() / 3600)
}

#[rstest]
#[case::first_visit(UNSEEN, Outcome::Fetched, 72)]
#[case::first_visit_of_a_stable_site(History { usual: Some(DAY.saturating_mul(20)), ..UNSEEN }, Outcome::Fetched, 480)]
#[case::first_visit_of_a_lively_site(History { usual: Some(HOUR), ..UNSEEN }, Outcome::Fetched, 72)]
#[case::half_as_long_when_changed(seen(8, Rhythm::Ordinary), Outcome::Fetched, 96)]
#[case::a_day_at_least(seen(1, Rhythm::Ordinary), Outcome::Fetched, 24)]
#[case::half_as_long_again_when_not(seen(8, Rhythm::Ordinary), Outcome::Unchanged, 288)]
#[case::thirty_days_at_most(seen(29, Rhythm::Ordinary), Outcome::Unchanged, 720)]
#[case::a_front_page_sooner(seen(1, Rhythm::Lively), Outcome::Fetched, 12)]
#[case::a_week_at_most(seen(6, Rhythm::Lively), Outcome::Unchanged, 168)]
#[case::told_to_wait(seen(3, Rhythm::Ordinary), Outcome::SlowDown, 1)]
#[case::forbidden(seen(3, Rhythm::Ordinary), Outcome::RefusedByRobots, 168)]
fn the_next_visit(#[case] history: History, #[case] outcome: Outcome, #[case] expected: u64) {
    assert_eq!(hours(&history, outcome), Some(expected));
}

/// Lets the same thing happen again and again; gives minutes to the next visit and the standing after each.
fn run(outcome: Outcome, times: usize) -> Vec<(Option<u64>, Standing)> {
    let mut history = seen(3, Rhythm::Ordinary);
    let step = |_| {
        let plan = after(&history, outcome, HOUR, Jitter::NONE);
        history = History {
            interval: plan.interval,
            failures: plan.failures,
            last: Some(outcome),
            standing: plan.standing,
            usual: history.usual,
            rhythm: history.rhythm,
        };
        (plan.due_in.map(|span| span.as_secs() / 60), plan.standing)
    };
    (0..times).map(step).collect()
}

#[test]
fn transient_failures_are_tried_ever_later_and_stay_in_search() {
    let minutes: Vec<_> = run(Outcome::Unreachable(Stage::Connect), 7);
    let day = 24 * 60;
    let expected =
        [15, 120, 720, day, 3 * day, 7 * day, 7 * day].map(|span| (Some(span), Standing::Searchable));
    assert_eq!(minutes, expected);
}

#[test]
fn a_good_visit_ends_a_row_of_failures_and_keeps_the_interval() {
    let failing = History { failures: 4, last: Some(Outcome::TemporaryFailure), ..seen(8, Rhythm::Ordinary) };
    assert_eq!(after(&failing, Outcome::TemporaryFailure, HOUR, Jitter::NONE).interval, DAY * 8);
    assert_eq!(after(&failing, Outcome::Unchanged, HOUR, Jitter::NONE).failures, 0);
}

#[test]
fn not_found_leaves_the_search_at_the_second_and_for_good_at_the_third() {
    let day = 24 * 60;
    let expected =
        [(Some(day), Standing::Searchable), (Some(29 * day), Standing::Withdrawn), (None, Standing::Gone)];
    assert_eq!(run(Outcome::NotFound, 3), expected);
}

#[test]
fn a_failure_between_begins_the_row_anew() {
    let failing = History { failures: 2, last: Some(Outcome::TemporaryFailure), ..seen(3, Rhythm::Ordinary) };
    assert_eq!(after(&failing, Outcome::NotFound, HOUR, Jitter::NONE).standing, Standing::Searchable);
}

#[test]
fn gone_is_gone_at_once() {
    assert_eq!(run(Outcome::Gone, 1), [(None, Standing::Gone)]);
}

#[test]
fn a_foreign_host_leaves_the_search_after_three_weeks() {
    let run = run(Outcome::ForeignHost, 5);
    let before: u64 = run.iter().take(4).filter_map(|(minutes, _)| *minutes).sum();
    assert!(before >= 21 * 24 * 60);
    assert!(run.iter().take(4).all(|(_, standing)| *standing == Standing::Searchable));
    assert_eq!(run.last().map(|(_, standing)| *standing), Some(Standing::Withdrawn));
}

#[rstest]
#[case::input(Outcome::WantsInput, Standing::Withdrawn)]
#[case::certificate(Outcome::WantsCertificate, Standing::Withdrawn)]
#[case::moved_for_good(Outcome::MovedPermanently, Standing::Withdrawn)]
#[case::moved_for_now(Outcome::MovedTemporarily, Standing::Searchable)]
#[case::robots(Outcome::RefusedByRobots, Standing::Withdrawn)]
#[case::excluded(Outcome::Excluded, Standing::Withdrawn)]
#[case::slow_down(Outcome::SlowDown, Standing::Searchable)]
fn what_is_seen_of_a_page_that_was_text(#[case] outcome: Outcome, #[case] expected: Standing) {
    assert_eq!(run(outcome, 1).first().map(|(_, standing)| *standing), Some(expected));
}

#[rstest]
#[case::root("/", "/", Kind::Page, Rhythm::Lively)]
#[case::user_root("/~ann/", "/~ann/", Kind::Page, Rhythm::Lively)]
#[case::feed("/posts/atom.xml", "/", Kind::Feed, Rhythm::Lively)]
#[case::gemlog("/posts/", "/", Kind::Gemlog, Rhythm::Lively)]
#[case::page("/posts/one.gmi", "/", Kind::Page, Rhythm::Ordinary)]
fn rhythms(#[case] path: &str, #[case] folder: &str, #[case] kind: Kind, #[case] expected: Rhythm) {
    assert_eq!(Rhythm::of(path, folder, kind), expected);
}

proptest! {
    #[test]
    fn jitter_is_a_fifth_at_most(throw in -3.0_f64..3.0, seconds in 1_u64..700_000) {
        let spread = Jitter::new(throw).spread(Duration::from_secs(seconds)).as_secs_f64();
        let exact = Duration::from_secs(seconds).as_secs_f64();
        prop_assert!(spread >= exact.mul_add(0.8, -0.001) && spread <= exact.mul_add(1.2, 0.001));
    }

    #[test]
    fn a_page_that_is_there_is_visited_within_its_bounds(hours in 0_u32..2_000, which in 0_usize..2) {
        let history = History { interval: HOUR * hours, ..seen(1, Rhythm::Ordinary) };
        let outcome = [Outcome::Fetched, Outcome::Unchanged][which];
        let span = after(&history, outcome, HOUR, Jitter::NONE).due_in.unwrap();
        prop_assert!(span >= DAY && span <= DAY * 30);
    }
}
