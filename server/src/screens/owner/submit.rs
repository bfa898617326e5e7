//! Handing a URL in: read, judged, planted; then the way leads to its receipt.

use crate::acts::submit::{self, Submitted};
use crate::app::App;
use crate::ask::{Ask, Intent, Tongue, target};
use crate::paths::{self, Link};
use crate::people::allowance::{UsedUp, Wish};
use crate::render::answer::Answer;
use crate::render::problem::Problem;
use crate::screens::sheet::{Block, Form, Sheet};

/// What the prompt says.
const PROMPT: &str = "Which capsule or page is to be visited? Give its address";

/// Hands in what was asked for, and leads to its receipt.
///
/// # Errors
///
/// When the database is away, or the visitor has handed in enough for now.
pub async fn answer(app: &App, ask: &Ask) -> Result<Answer, Problem> {
    let Some(words) = &ask.words else { return Ok(asked().prompt(PROMPT)) };
    let url = match target::page(words) {
        Ok(url) => url,
        Err(error) => return Ok(refused(words, format!("Refused: {error}.")).answer()),
    };
    let Some(receipt) = Link::with_words(paths::SUBMISSION, url.as_str()) else {
        return Ok(refused(words, "Refused: the address is too long for a receipt.".to_owned()).answer());
    };
    app.allowance
        .take(ask.visitor, Wish::Submission)
        .map_err(|UsedUp { retry_after }| Problem::UsedUp { retry_after })?;
    match submit::submit(app.store()?, &url).await? {
        Submitted::Barred(error) => return Ok(refused(words, format!("Refused: {error}.")).answer()),
        Submitted::Queued | Submitted::Lately | Submitted::ShutOut => {}
    }
    Ok(Answer::Redirect(match ask.tongue {
        Tongue::Gemtext => receipt.gemtext,
        Tongue::Html => receipt.html,
    }))
}

fn form(value: &str) -> Form {
    Form {
        action: paths::ADD_SEED.to_owned(),
        intent: Intent::Act,
        label: "The address of a capsule or page",
        value: value.to_owned(),
        button: "Hand in",
    }
}

/// The sheet with the field.
#[must_use]
pub fn asked() -> Sheet {
    let how = "A capsule needs to be handed in only once: from its front page all else is found by links. A page \
        or feed that is known already is visited again at once. You get a receipt that follows it until it can be \
        found, or says why it cannot.";
    Sheet { form: Some(form("")), ..Sheet::new("Hand in a capsule or page", PROMPT) }
        .part("", vec![Block::Text(how.to_owned())])
}

/// The receipt of what cannot be visited.
#[must_use]
pub fn refused(words: &str, sentence: String) -> Sheet {
    let rule = "An address looks like gemini://example.org/ or just example.org. Names of private networks, bare \
        names, and ports of other services are not visited.";
    Sheet { form: Some(form(words)), ..Sheet::new("Hand in a capsule or page", sentence) }
        .part("", vec![Block::Text(rule.to_owned())])
}
