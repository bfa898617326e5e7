//! What is new: pages, and capsules.

use std::sync::Arc;

use shared::gemini::url::GeminiUrl;
use shared::store::asked::exclusion;
use shared::store::known::listing::{self, HostOrder, KnownHost, ListedPage, Place};

use super::part;
use super::room::Room;
use crate::app::App;
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::problem::Problem;
use crate::render::{language, phrase};
use crate::screens::sheet::{Block, Entry, Sheet};
use crate::search::PageNumber;

/// Capsules shown beside the pages.
const CAPSULES: usize = 10;
/// Capsules looked at for them: one owner may have brought most of these.
const LOOKED_AT: i64 = 500;

/// Shows the newest pages, and on the first part the newest capsules too.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, number: PageNumber) -> Result<Answer, Problem> {
    let store = app.store()?;
    let order = async || -> Result<Arc<[Place]>, Problem> {
        Ok(store.read(async |c| listing::newest_pages(c).await).await?.into())
    };
    let order = app.orders.or_made(paths::NEW, order).await?;
    let (places, more) = part::within(&order, number)?;
    let read = store.read(async |c| {
        let pages = listing::pages(c, places).await?;
        let few = listing::Part { offset: 0, limit: LOOKED_AT };
        let is_first = number == PageNumber::FIRST;
        let capsules = if is_first { listing::hosts(c, HostOrder::Newest, few).await?.0 } else { Vec::new() };
        Ok((pages, capsules, exclusion::rules(c).await?))
    });
    let (mut pages, mut capsules, rules) = read.await?;
    pages.retain(|page| !rules.shut_out(&page.url, None));
    capsules.retain(|host| !rules.shut_out(&GeminiUrl::root(&host.addr), None));
    let mut room = Room::default();
    // Names cost nothing: all below one domain are one owner's.
    capsules.retain(|host| room.takes(host.addr.host().domain().to_owned(), host.first_seen));
    capsules.truncate(CAPSULES);
    let (previous, next) =
        part::around(number, more, |number| Some(Link::to(&part::path(paths::NEW, number))));
    Ok(Sheet { previous, next, ..shown(&pages, &capsules) }.answer())
}

/// The sheet of what is new.
#[must_use]
pub fn shown(pages: &[ListedPage], capsules: &[KnownHost]) -> Sheet {
    let lead = if pages.is_empty() {
        "Nothing can be found yet.".to_owned()
    } else {
        format!("What was found last: of each site up to {} pages a day.", listing::OF_A_SITE_AND_DAY)
    };
    let of_capsules = capsules.iter().map(|host| {
        let name = host.addr.to_string();
        Entry {
            about: Link::with_words(paths::CAPSULE, &name),
            ..Entry::gemini(format!("gemini://{name}/"), name)
                .with([host.name.clone(), format!("known since {}", phrase::day(host.first_seen))])
        }
    });
    let capsules: Vec<Block> = match capsules {
        [] => Vec::new(),
        _ => vec![
            Block::Text(format!("Of each domain up to {} a day.", listing::OF_A_SITE_AND_DAY)),
            Block::Entries(of_capsules.collect()),
        ],
    };
    let all = Entry::ours(Some(Link::to(paths::KNOWN_HOSTS_BY_AGE)), "All capsules, those found last first");
    Sheet::new("New", lead)
        .part("New pages", vec![Block::Entries(pages.iter().map(entry).collect())])
        .part("New capsules", capsules)
        .part("More", vec![Block::Entries(all.into_iter().collect())])
}

/// A page in a list.
#[must_use]
pub fn entry(page: &ListedPage) -> Entry {
    let language = page.language.as_deref().filter(|tag| *tag != "und").map(language::name);
    Entry {
        about: Link::with_words(paths::PAGE, page.url.as_str()),
        ..Entry::gemini(&page.url, page.title.clone()).with([
            page.url.site().to_string(),
            language.unwrap_or_default().to_owned(),
            format!("found {}", phrase::day(page.first_seen)),
        ])
    }
}
