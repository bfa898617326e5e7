//! The admin's desk over Gemini: screens for who showed a pinned certificate, and deeds by links that only their own
//! screens carry. What is grave is asked for once more, and wants a word typed.

use shared::store::asked::exclusion::Visibility;

use crate::app::App;
use crate::ask::{Ask, Tongue};
use crate::desk::deed::{Deed, Order, Weight};
use crate::paths::desk;
use crate::render::answer::{Answer, Page};
use crate::render::problem::Problem;
use crate::{desk as screens, route};

use super::identity::AtDesk;

/// What must be typed before something grave is done.
const YES: &str = "yes";
/// What asks for it.
const LAST_WORD: &str = "Type yes to do it, and behind it why, if you like. Anything else does nothing";

/// Answers an admin.
///
/// # Errors
///
/// A [`Problem`], with the status of Gemini's that fits.
pub(super) async fn answer(app: &App, ask: &Ask, at_desk: &AtDesk) -> Result<Answer, Problem> {
    let segments = ask.segments();
    let Some((hand, deed, target, shown)) = asked_to_do(&segments) else {
        return route::desk::view(app, ask, &at_desk.hand).await;
    };
    let deed: Deed = deed.parse().map_err(|_| Problem::NotFound)?;
    let visibility = shown.map_or(Ok(Visibility::default()), str::parse).map_err(|_| Problem::NotFound)?;
    if !at_desk.has_hand(hand) {
        // Somebody else wrote that link, or it is old: it shows what it is about, and nothing is done.
        let link = desk::consider(deed.word(), target).ok_or(Problem::NotFound)?;
        return Ok(Answer::Redirect(link.gemtext));
    }
    let note = match (deed.weight(), ask.words.as_deref().map(str::trim)) {
        (Weight::Light, _) => None,
        (Weight::Grave, None) => {
            let considered = screens::consider::Considered::default();
            let form = Page::new(screens::consider::shown(deed, target, &considered));
            return Ok(Answer::Input { prompt: LAST_WORD, form });
        }
        (Weight::Grave, Some(words)) => match why(words) {
            Some(note) => Some(note).filter(|note| !note.is_empty()),
            None => return Ok(Answer::Redirect(desk::DESK.to_owned())),
        },
    };
    let order = Order { deed, target: target.to_owned(), note, visibility };
    route::desk::act(app, &at_desk.admin, &order, Tongue::Gemtext).await
}

/// Hand, deed and target of a path at which something is done, and how much of it visitors may see where it says so.
fn asked_to_do<'a>(segments: &[&'a str]) -> Option<(&'a str, &'a str, &'a str, Option<&'a str>)> {
    match segments {
        ["admin", "do", hand, deed, target] => Some((hand, deed, target, None)),
        ["admin", "do", hand, deed, target, shown] => Some((hand, deed, target, Some(shown))),
        _ => None,
    }
}

/// What stands behind the yes; none where there is none.
fn why(words: &str) -> Option<String> {
    let (first, rest) =
        words.split_once(|c: char| c.is_whitespace() || ",.:;".contains(c)).unwrap_or((words, ""));
    first.eq_ignore_ascii_case(YES).then(|| rest.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        assert_eq!(why("yes"), Some(String::new()));
        assert_eq!(why("Yes, private data"), Some("private data".to_owned()));
        assert_eq!(why("YES spam"), Some("spam".to_owned()));
        for other in ["", "y", "no", "yesterday", "oh yes"] {
            assert_eq!(why(other), None, "{other}");
        }
    }
}
