//! Every request that was sent to a capsule, for as long as they are kept.

use shared::store::crawl::request::{self, LoggedRequest};
use shared::store::known::profile;

use crate::app::App;
use crate::ask::{Ask, Intent, target};
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::screens::lists::part;
use crate::screens::sheet::{Block, Entry, Form, Sheet};
use crate::search::PageNumber;

const PROMPT: &str = "Requests to which capsule? Its name is enough";

/// Shows the requests sent to the capsule that was asked for.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, ask: &Ask, number: PageNumber) -> Result<Answer, Problem> {
    let Some(words) = &ask.words else { return Ok(asked("", PROMPT.to_owned()).prompt(PROMPT)) };
    let addr = match target::capsule(words) {
        Ok(addr) => addr,
        Err(error) => return Ok(asked(words, format!("No capsule can be read there: {error}.")).answer()),
    };
    let wanted = part::of(number)?;
    let mut sent = app
        .store()?
        .read(async |c| match profile::capsule_at(c, &addr).await? {
            Some(capsule) => request::sent_to(c, capsule, wanted.offset, wanted.limit).await,
            None => Ok(Vec::new()),
        })
        .await?;
    let more = part::cut(&mut sent);
    let name = addr.to_string();
    let (previous, next) =
        part::around(number, more, |number| Link::with_words(&part::path(paths::REQUESTS, number), &name));
    Ok(Sheet { previous, next, ..shown(&name, &sent) }.answer())
}

/// The sheet with the field.
fn asked(words: &str, sentence: String) -> Sheet {
    let form = Form {
        action: paths::REQUESTS.to_owned(),
        intent: Intent::Look,
        label: "The name of a capsule",
        value: words.to_owned(),
        button: "Show",
    };
    Sheet { form: Some(form), ..Sheet::new("Requests to a capsule", sentence) }
}

/// The sheet of requests.
#[must_use]
pub fn shown(name: &str, sent: &[LoggedRequest]) -> Sheet {
    let sentence = if sent.is_empty() {
        "No request was sent in the last three months."
    } else {
        "Every request that we sent, the newest first; they are kept for three to four months."
    };
    let about = Entry::ours(Link::with_words(paths::CAPSULE, name), "About the capsule");
    Sheet::new(format!("Requests to {name}"), sentence)
        .part("", vec![Block::Entries(sent.iter().map(entry).collect())])
        .part("More", vec![Block::Entries(about.into_iter().collect())])
}

/// One request.
#[must_use]
pub fn entry(request: &LoggedRequest) -> Entry {
    let status = request.status.map(|status| format!("status {status}")).unwrap_or_default();
    let size = if request.size_bytes > 0 { phrase::bytes(request.size_bytes) } else { String::new() };
    Entry { text: request.path.clone(), ..Entry::default() }.with([
        request.at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        phrase::outcome_in_short(request.outcome).to_owned(),
        status,
        size,
        format!("{} ms", request.took.as_millis()),
    ])
}
