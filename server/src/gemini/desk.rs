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
    let Some((hand, deed, behind)) = asked_to_do(ask) else {
        return route::desk::view(app, ask, &at_desk.hand).await;
    };
    let deed: Deed = deed.parse().map_err(|_| Problem::NotFound)?;
    let (target, visibility) = target_of(deed, behind).ok_or(Problem::NotFound)?;
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

/// Hand and deed of a path at which something is done, and what stands behind them: a URL there is one segment, but
/// some clients (Amfora) decode its slashes.
fn asked_to_do(ask: &Ask) -> Option<(&str, &str, &str)> {
    let mut segments = ask.path.strip_prefix(desk::DO)?.strip_prefix('/')?.splitn(3, '/');
    let [hand, deed, behind] = [segments.next()?, segments.next()?, segments.next()?];
    Some((hand, deed, behind))
}

/// The target, and, of a deed of which visitors may see more or less, how much that is: the link says it last. None: it
/// does not.
fn target_of(deed: Deed, behind: &str) -> Option<(&str, Visibility)> {
    if deed.visibilities().is_empty() {
        return Some((behind, Visibility::default()));
    }
    let (target, word) = behind.rsplit_once('/')?;
    Some((target, word.parse().ok()?))
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
    fn a_target_is_whole_whatever_its_client_makes_of_its_slashes() {
        for path in [
            "/admin/do/abc/exclude/gemini:%2F%2Fa.example%2Fhost%2F*/count",
            "/admin/do/abc/exclude/gemini://a.example/host/*/count",
        ] {
            let ask = Ask::by_gemini(path, None);
            let (hand, deed, behind) = asked_to_do(&ask).unwrap();
            assert_eq!((hand, deed), ("abc", "exclude"));
            let target = ("gemini://a.example/host/*", Visibility::Count);
            assert_eq!(target_of(Deed::Exclude, behind), Some(target));
        }
        let purged = Ask::by_gemini("/admin/do/abc/purge/gemini://a.example/host", None);
        let (_, _, behind) = asked_to_do(&purged).unwrap();
        let (target, _) = target_of(Deed::Purge, behind).unwrap();
        assert_eq!(target, "gemini://a.example/host", "it is no visibility here");
        assert_eq!(target_of(Deed::Exclude, "a.example/half"), None, "there are three");
        for other in ["/admin/do", "/admin/do/abc/purge", "/admin/rules/3/a/b", "/admin/donot/abc/purge/x"] {
            assert_eq!(asked_to_do(&Ask::by_gemini(other, None)), None, "{other}");
        }
    }

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
