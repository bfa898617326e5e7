//! A deed is looked at before it is done: what it would touch, and the last word.

use shared::gemini::pattern::UrlPattern;

use super::board::{Ask, Block, Board, Mood, Step};
use super::deed::{Deed, Weight};
use crate::paths::desk;
use crate::render::answer::{Answer, Page};

/// The screen of a deed: without a target it asks for one.
#[must_use]
pub fn answer(deed: Deed, target: Option<&str>, hand: &str) -> Answer {
    let Some(target) = target else {
        let board = Board::new(deed.name(), desk::CONSIDER, Mood::Plain, deed.told()).ask(deed);
        return Answer::Input { prompt: deed.prompt(), form: Page::new(board.for_hand(hand)) };
    };
    shown(deed, target).for_hand(hand).answer()
}

/// The board of a deed whose target is known.
#[must_use]
pub fn shown(deed: Deed, target: &str) -> Board {
    let target = target.trim();
    let title = format!("{} {target}", deed.name());
    if let Err(told) = understood(deed, target) {
        return Board::new(title, desk::CONSIDER, Mood::Trouble, format!("This cannot be done: {told}."))
            .ask(deed);
    }
    let (mood, verdict) = match deed.weight() {
        Weight::Light => (Mood::Plain, "Nothing is done yet."),
        Weight::Grave => (Mood::Trouble, "Nothing is done yet. Once done, it cannot be undone here."),
    };
    let mut board =
        Board::new(title, desk::CONSIDER, mood, verdict).part("", vec![Block::Text(deed.told().to_owned())]);
    board.asks.push(Ask { deed, value: target.to_owned(), step: Step::LastWord });
    board
}

/// Whether a deed can be done to that; what is wrong, in a sentence's end.
fn understood(deed: Deed, target: &str) -> Result<(), String> {
    match deed {
        Deed::Recrawl | Deed::Seed | Deed::Pause | Deed::Resume | Deed::Purge => {
            target.parse::<UrlPattern>().map(drop).map_err(|error| error.to_string())
        }
        Deed::Rebuild | Deed::Verify | Deed::RollBack => Ok(()),
    }
}
