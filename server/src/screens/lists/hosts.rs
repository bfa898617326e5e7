//! Known hosts: every capsule that has answered.

use shared::gemini::url::GeminiUrl;
use shared::store::asked::exclusion;
use shared::store::known::listing::{self, HostOrder, KnownHost};

use super::part;
use crate::app::App;
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::phrase;
use crate::render::problem::Problem;
use crate::screens::sheet::{Block, Entry, Sheet};
use crate::search::PageNumber;

/// Shows a part of the list.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, order: HostOrder, number: PageNumber) -> Result<Answer, Problem> {
    let wanted = part::of(number)?;
    let read = app.store()?.read(async |c| {
        let (hosts, count) = listing::hosts(c, order, wanted).await?;
        Ok((hosts, count, exclusion::rules(c).await?))
    });
    let (mut hosts, count, rules) = read.await?;
    let more = part::cut(&mut hosts);
    hosts.retain(|host| !rules.shut_out(&GeminiUrl::root(&host.addr), None));
    let (previous, next) =
        part::around(number, more, |number| Some(Link::to(&part::path(base(order), number))));
    Ok(Sheet { previous, next, ..shown(&hosts, count, order) }.answer())
}

fn base(order: HostOrder) -> &'static str {
    match order {
        HostOrder::Name => paths::KNOWN_HOSTS,
        HostOrder::Pages => paths::KNOWN_HOSTS_BY_PAGES,
        HostOrder::Newest => paths::KNOWN_HOSTS_BY_AGE,
    }
}

/// The sheet of a part of the list.
#[must_use]
pub fn shown(hosts: &[KnownHost], count: u64, order: HostOrder) -> Sheet {
    let sorted = match order {
        HostOrder::Name => "by name",
        HostOrder::Pages => "those with most pages first",
        HostOrder::Newest => "those that were found last first",
    };
    let orders = [
        (HostOrder::Name, "By name"),
        (HostOrder::Pages, "Those with most pages first"),
        (HostOrder::Newest, "Those that were found last first"),
    ];
    let others = orders
        .into_iter()
        .filter(|(other, _)| *other != order)
        .filter_map(|(other, text)| Entry::ours(Some(Link::to(base(other))), text));
    let lead = match count {
        0 => "No capsule has answered yet.".to_owned(),
        _ => format!("{} answered so far, {sorted}.", phrase::count(count, "capsule has", "capsules have")),
    };
    Sheet::new("Known hosts", lead)
        .part("", vec![Block::Entries(hosts.iter().map(entry).collect())])
        .part("Other orders", vec![Block::Entries(others.collect())])
}

fn entry(host: &KnownHost) -> Entry {
    let name = host.addr.to_string();
    let pages = host
        .pages
        .filter(|pages| *pages > 0)
        .map(|pages| phrase::count(pages, "page", "pages"))
        .unwrap_or_default();
    let changed = host.changed_at.map(|at| format!("changed {}", phrase::day(at))).unwrap_or_default();
    Entry {
        about: Link::with_words(paths::CAPSULE, &name),
        ..Entry::gemini(format!("gemini://{name}/"), name).with([
            host.name.clone(),
            pages,
            changed,
            format!("known since {}", phrase::day(host.first_seen)),
        ])
    }
}
