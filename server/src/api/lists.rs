//! TLGS's four lists, in their very shapes: what was written for it works here.
//!
//! A list is made at most once a minute, however often it is asked for: whoever made it last has made it for all. What a
//! rule of the admin's shuts out stands in none of them, whatever visitors may see of the rule.

use serde::Serialize;
use shared::gemini::url::GeminiUrl;
use shared::store::asked::exclusion;
use shared::store::known::directory;

use super::json::written;
use crate::app::App;
use crate::render::problem::Problem;
use crate::search::Limit;

/// Feeds of one sort at most.
const FEEDS: usize = 5_000;

/// A page that moved for good, as TLGS names its ends.
#[derive(Debug, Serialize)]
struct Redirect {
    from_url: String,
    to_url: String,
}

/// Every capsule with pages that can be found: `["gemini://example.org/", ...]`.
pub(super) async fn known_hosts(app: &App) -> Result<Vec<u8>, Problem> {
    app.kept
        .or_made("known_hosts", async || {
            let read =
                app.store()?.read(async |c| Ok((directory::capsules(c).await?, exclusion::rules(c).await?)));
            let (capsules, rules) = read.await?;
            let fronts = capsules.iter().map(GeminiUrl::root);
            let urls: Vec<String> =
                fronts.filter(|front| !rules.shut_out(front, None)).map(|front| front.to_string()).collect();
            written(&urls)
        })
        .await
}

/// Every feed of a sort: `atom` where none is named, `rss`, `twtxt` or `gemsub`.
pub(super) async fn known_feeds(app: &App, sort: Option<&str>) -> Result<Vec<u8>, Problem> {
    let (name, limits, ending) = match sort.unwrap_or("atom") {
        "atom" => ("atom", "type:application/atom+xml", ""),
        "rss" => ("rss", "type:application/rss+xml", ""),
        "twtxt" => ("twtxt", "inurl:twtxt", "/twtxt.txt"),
        "gemsub" => ("gemsub", "kind:feed type:text/gemini", ""),
        _ => return Err(Problem::Malformed("there are feeds of atom, rss, twtxt and gemsub".to_owned())),
    };
    app.kept
        .or_made(name, async || {
            let limits = Limit::list(limits).unwrap_or_default();
            let seen = app.searcher.newest("", limits, FEEDS).await?;
            let mut urls: Vec<String> = seen.into_iter().map(|seen| seen.url.to_string()).collect();
            urls.retain(|url| url.ends_with(ending));
            urls.sort_unstable();
            written(&urls)
        })
        .await
}

/// Every security.txt: `["gemini://example.org/.well-known/security.txt", ...]`.
pub(super) async fn known_security_txt(app: &App) -> Result<Vec<u8>, Problem> {
    app.kept
        .or_made("known_security_txt", async || {
            let read = app
                .store()?
                .read(async |c| Ok((directory::security_contacts(c).await?, exclusion::rules(c).await?)));
            let (contacts, rules) = read.await?;
            let listed = contacts.iter().filter(|contact| !rules.shut_out(contact, None));
            written(&listed.map(ToString::to_string).collect::<Vec<_>>())
        })
        .await
}

/// Every page that moved for good: `[{"from_url": "gemini://...", "to_url": "gemini://..."}, ...]`.
pub(super) async fn known_perma_redirects(app: &App) -> Result<Vec<u8>, Problem> {
    app.kept
        .or_made("known_perma_redirects", async || {
            let read =
                app.store()?.read(async |c| Ok((directory::moved(c).await?, exclusion::rules(c).await?)));
            let (moved, rules) = read.await?;
            let redirects: Vec<Redirect> = moved
                .iter()
                .filter(|moved| [&moved.from, &moved.to].into_iter().all(|end| !rules.shut_out(end, None)))
                .map(|moved| Redirect { from_url: moved.from.to_string(), to_url: moved.to.to_string() })
                .collect();
            written(&redirects)
        })
        .await
}
