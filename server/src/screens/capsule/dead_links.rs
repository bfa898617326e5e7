//! The dead links of a capsule: on its own pages, and on pages of others that lead into it.

use shared::store::known::portrait::{self, DeadLink, Side};
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

const PROMPT: &str = "The dead links of which capsule? Its name is enough";

/// Shows the dead links of the capsule that was asked for.
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
    let (mut own, mut others) = app
        .store()?
        .read(async |c| {
            let Some(capsule) = profile::capsule_at(c, &addr).await? else {
                return Ok((Vec::new(), Vec::new()));
            };
            let own = portrait::dead_links(c, capsule, Side::Own, wanted.offset, wanted.limit).await?;
            let others = portrait::dead_links(c, capsule, Side::Others, wanted.offset, wanted.limit).await?;
            Ok((own, others))
        })
        .await?;
    let more = part::cut(&mut own) | part::cut(&mut others);
    let name = addr.to_string();
    let (previous, next) =
        part::around(number, more, |number| Link::with_words(&part::path(paths::DEAD_LINKS, number), &name));
    Ok(Sheet { previous, next, ..shown(&name, &own, &others) }.answer())
}

/// The sheet with the field.
fn asked(words: &str, sentence: String) -> Sheet {
    let form = Form {
        action: paths::DEAD_LINKS.to_owned(),
        intent: Intent::Look,
        label: "The name of a capsule",
        value: words.to_owned(),
        button: "Show",
    };
    Sheet { form: Some(form), ..Sheet::new("Dead links of a capsule", sentence) }
}

/// The sheet of dead links.
#[must_use]
pub fn shown(name: &str, own: &[DeadLink], others: &[DeadLink]) -> Sheet {
    let sentence = if own.is_empty() && others.is_empty() {
        "None is known: every target that was visited answered."
    } else {
        "Links whose target did not answer, or was not there, at the last visit."
    };
    let about = Entry::ours(Link::with_words(paths::CAPSULE, name), "About the capsule");
    Sheet::new(format!("Dead links of {name}"), sentence)
        .part("On its own pages", vec![Block::Entries(own.iter().map(entry).collect())])
        .part("On pages of others, into it", vec![Block::Entries(others.iter().map(entry).collect())])
        .part("More", vec![Block::Entries(about.into_iter().collect())])
}

fn entry(link: &DeadLink) -> Entry {
    let label = if link.label.is_empty() { String::new() } else { format!("“{}”", link.label) };
    Entry {
        about: Link::with_words(paths::PAGE, link.to.as_str()),
        ..Entry::gemini(&link.from, link.from.to_string()).with([
            label,
            format!("leads to {}", link.to),
            phrase::outcome_in_short(link.outcome).to_owned(),
        ])
    }
}
