//! What is new: pages, and capsules.

use shared::gemini::url::GeminiUrl;
use shared::store::asked::exclusion;
use shared::store::known::listing::{self, HostOrder, KnownHost, ListedPage};

use super::part;
use crate::app::App;
use crate::paths::{self, Link};
use crate::render::answer::Answer;
use crate::render::problem::Problem;
use crate::render::{language, phrase};
use crate::screens::sheet::{Block, Entry, Sheet};
use crate::search::PageNumber;

/// Capsules shown beside the pages.
const CAPSULES: i64 = 10;

/// Shows the newest pages, and on the first part the newest capsules too.
///
/// # Errors
///
/// When the database is away.
pub async fn answer(app: &App, number: PageNumber) -> Result<Answer, Problem> {
    let wanted = part::of(number)?;
    let (mut pages, mut capsules, rules) = app
        .store()?
        .read(async |c| {
            let pages = listing::newest_pages(c, wanted).await?;
            let few = listing::Part { offset: 0, limit: CAPSULES };
            let (capsules, _) = listing::hosts(c, HostOrder::Newest, few).await?;
            Ok((pages, capsules, exclusion::rules(c).await?))
        })
        .await?;
    let more = part::cut(&mut pages);
    pages.retain(|page| !rules.shut_out(&page.url, None));
    capsules.retain(|host| !rules.shut_out(&GeminiUrl::root(&host.addr), None));
    let capsules = if number == PageNumber::FIRST { capsules } else { Vec::new() };
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
    let all = Entry::ours(Some(Link::to(paths::KNOWN_HOSTS_BY_AGE)), "All capsules, those found last first");
    Sheet::new("New", lead)
        .part("New pages", vec![Block::Entries(pages.iter().map(entry).collect())])
        .part("New capsules", vec![Block::Entries(of_capsules.collect())])
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
