use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::parse::gemtext;

fn of(document: &str) -> WordsMark {
    mark(&gemtext::outline(document))
}

#[rstest]
#[case::iso_date("Last updated: 2026-11-24", "Last updated: 2026-11-25")]
#[case::timestamp("Generated at 2026-11-24T10:11:12Z", "Generated at 2026-11-25T00:01:59Z")]
#[case::date_and_clock("It is 2026-11-24 10:11:12 UTC.", "It is 2026-11-25 9:11:12 UTC.")]
#[case::zone("Built 2026-11-24 10:11 +0200", "Built 2026-11-24 10:12 +0100")]
#[case::german_date("Stand: 24.11.2026, 10:11 Uhr", "Stand: 1.12.2026, 9:00 Uhr")]
#[case::american_date("Page of 11/24/2026", "Page of 12/1/2026")]
#[case::english_date("Tuesday, 24 November 2026", "Wednesday, 2 December 2026")]
#[case::american_words("Nov 24, 2026 hello", "Dec 1, 2026 hello")]
#[case::french_date("Mise à jour le 24 novembre 2026", "Mise à jour le 2 décembre 2026")]
#[case::clock("Server time 10:11:12", "Server time 23:59:00")]
#[case::clock_of_twelve("The time is 3:15 pm", "The time is 11:02 pm")]
#[case::visitors("You are visitor number 1204.", "You are visitor number 1205.")]
#[case::hits("Hits: 1,204", "Hits: 13,001")]
#[case::besucher("1204 Besucher", "1300 Besucher")]
#[case::uptime("Uptime: 12 days, 4 hours", "Uptime: 1 day, 23 hours")]
#[case::ago("=> /a Post (3 hours ago)", "=> /a Post (1 day ago)")]
#[case::rendered("Page rendered in 0.3ms", "Page rendered in 12ms")]
#[case::copyright("© 2019-2026 Ann", "© 2019-2026 Ann")]
#[case::year("Copyright 2025 Ann", "Copyright 2026 Ann")]
#[case::online("There are 12 people online", "There are 7 people online")]
#[case::layout("Some words,  here", "some words here")]
fn what_changes_by_itself_is_no_change(#[case] before: &str, #[case] after: &str) {
    let page = |line: &str| format!("# A page\nIts words.\n{line}\n=> /next Next\n");
    assert_eq!(of(&page(before)), of(&page(after)));
}

#[rstest]
#[case::word("Some words here", "Some other words here")]
#[case::word_in_a_renewed_line("Last updated: 2026-11-24", "Last changed: 2026-11-24")]
#[case::word_beside_a_date("2026-11-24 A walk", "2026-11-24 A run")]
#[case::word_beside_a_counter("1204 visitors liked it", "1204 visitors hated it")]
#[case::number("Chapter 3", "Chapter 4")]
#[case::version("Version 1.2 is out", "Version 1.3 is out")]
#[case::price("It costs 30 coins", "It costs 40 coins")]
#[case::link("=> /a A post", "=> /b A post")]
#[case::new_entry("=> /a 2026-11-24 One", "=> /a 2026-11-24 One\n=> /b 2026-11-25 Two")]
#[case::month_as_a_word("We may go", "We march go")]
#[case::weekday_as_a_word("I like Monday 7up", "I like Sunday 7up")]
#[case::art("```\n/\\/\\/\\/\\/\\/\\\n```", "```\n\\/\\/\\/\\/\\/\\/\n```")]
#[case::a_word_less("One two three", "One three")]
#[case::order("one two", "two one")]
fn a_word_or_a_link_that_changed_is_a_change(#[case] before: &str, #[case] after: &str) {
    assert_ne!(of(before), of(after));
}

proptest! {
    #[test]
    fn a_word_that_changed_is_always_seen(
        words in proptest::collection::vec("[a-z]{1,8}|[0-9]{1,4}|2026-11-2[0-9]|1[0-9]:[0-5][0-9]|visitors|May|UTC", 1..20),
        at in any::<prop::sample::Index>(),
    ) {
        let mut changed = words.clone();
        *at.get_mut(&mut changed) = "sextant".to_owned();
        prop_assume!(changed != words);
        prop_assert_ne!(of(&words.join(" ")), of(&changed.join(" ")));
    }
}
