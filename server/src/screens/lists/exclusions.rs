//! What is shut out here, and why, as far as each rule lets it be told.

use shared::store::asked::exclusion::{self, PublicRule};

use super::part;
use crate::app::App;
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::screens::sheet::{Block, Entry, Sheet};
use crate::search::PageNumber;

/// Shows a part of the rules.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, number: PageNumber) -> Result<Answer, Problem> {
    let wanted = part::of(number)?;
    let read = app.store()?.read(async |c| {
        let rules = exclusion::public(c, wanted.offset, wanted.limit).await?;
        Ok((rules, exclusion::counts(c).await?))
    });
    let (mut rules, (all, untold)) = read.await?;
    let more = part::cut(&mut rules);
    let (previous, next) =
        part::around(number, more, |number| Some(Link::to(&part::path(paths::EXCLUSIONS, number))));
    Ok(Sheet { previous, next, ..shown(&rules, all, untold) }.answer())
}

/// The sheet of a part of the rules, of `all` that there are, with those that are counted only.
#[must_use]
pub fn shown(rules: &[PublicRule], all: u64, untold: u64) -> Sheet {
    let lead = match all {
        0 => "Nothing is shut out here.".to_owned(),
        count => format!("{} in force, the newest first.", phrase::count(count, "rule is", "rules are")),
    };
    let entry = |rule: &PublicRule| {
        let what = rule.what.clone()?;
        let reason = if rule.reason.is_empty() { "no reason given".to_owned() } else { rule.reason.clone() };
        let since = format!("since {}", phrase::day(rule.since));
        Some(Entry { text: what, ..Entry::default() }.with([since, reason]))
    };
    let entries: Vec<Entry> = rules.iter().filter_map(entry).collect();
    let untold = match untold {
        0 => String::new(),
        count => format!(
            "{} counted and not named, for naming them would harm somebody.",
            phrase::count(count, "rule is", "rules are")
        ),
    };
    let why = "What is shut out is not visited, not searched and not shown: material that the law forbids here, \
        private data that was put out by others, capsules whose owners asked for it, and traps that only make \
        pages without end. A robots.txt needs no entry here: it is obeyed by itself.";
    let complain = Entry::ours(Some(Link::to(paths::REPORT)), "Report a page, or ask why one is shut out");
    Sheet::new("Exclusions", lead)
        .part("", vec![Block::Text(why.to_owned())])
        .part("The rules", vec![Block::Entries(entries), Block::Text(untold)])
        .part("More", vec![Block::Entries(complain.into_iter().collect())])
}
