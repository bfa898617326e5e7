//! The service's parts, one look at each: configuration, notices, database, index.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use server::search::{SearchConfig, Searcher};
use shared::process::told;
use shared::store::Store;
use shared::store::crawl::clock;
use shared::store::feed::{follower, identity as feed};
use shared::store::pool::Schema;

use super::finding::Finding;
use crate::life::components;
use crate::life::ending::chain;
use crate::settings::{Places, Settings};

/// A healthy follower is this near to the store.
const NEAR: u64 = 1_000;

/// Clocks that are nearer agree.
const SKEW: Duration = Duration::from_secs(5);

/// All looks, in the order in which one depends on the other.
pub(super) async fn examine(settings: &Settings, places: &Places) -> Vec<Finding> {
    let mut findings = vec![configuration(settings), notices(settings)];
    findings.extend(database(settings, places).await);
    findings.push(index(places));
    findings
}

fn configuration(settings: &Settings) -> Finding {
    let file = settings.file.as_ref().map_or_else(|| "no file".to_owned(), |file| file.display().to_string());
    if settings.is_told() {
        return Finding::fine("configuration", file);
    }
    let words = format!("{file}; server.host and admin.contact are not set, so nothing leaves this machine");
    Finding::notable("configuration", words)
}

async fn database(settings: &Settings, places: &Places) -> Vec<Finding> {
    let opened = async {
        let options = components::store_options(settings, places).await?;
        let store = Store::connect(options).await?;
        let read = store.read(async |c| Ok((feed::current(c).await?, follower::all(c).await?))).await?;
        // A replica takes no writing, and its clock is its primary's business.
        let tick = store.write(clock::tick).await.ok();
        anyhow::Ok((read, store.schema().await?, tick))
    };
    let ((feed, followers), schema, tick) = match opened.await {
        Ok(read) => read,
        Err(error) => {
            let told = chain(&error);
            let words = match &settings.database_url {
                Some(_) => format!("{told}; look there, or mend database.url"),
                None => told,
            };
            return vec![Finding::trouble("database", words)];
        }
    };
    let mut findings = vec![Finding::fine(
        "database",
        format!("answers; {} so far", told::count(feed.highest.0.unsigned_abs(), "change", "changes")),
    )];
    findings.push(match schema {
        Schema { missing: 0, unknown: 0 } => Finding::fine("migrations", "the tables are of this version"),
        Schema { missing: 0, unknown } => Finding::notable(
            "migrations",
            format!(
                "the tables are {} newer than this program: bring it to the same version",
                told::count(unknown as u64, "step", "steps")
            ),
        ),
        Schema { missing, .. } => Finding::trouble(
            "migrations",
            format!(
                "the tables lack {}: the next start of sextant up, crawl or index makes them",
                told::count(missing as u64, "step", "steps")
            ),
        ),
    });
    findings.extend(tick.map(|tick| skew(tick.now.into(), SystemTime::now())));
    for follower in followers {
        let words = format!(
            "{} is {} behind, as of {} s ago",
            follower.name,
            told::count(follower.lag, "change", "changes"),
            follower.age.as_secs()
        );
        findings.push(if follower.lag < NEAR {
            Finding::fine("indexer", words)
        } else {
            Finding::notable("indexer", words)
        });
    }
    findings
}

/// Leases and dates are the database's, windows and certificates this machine's: the two should agree.
fn skew(theirs: SystemTime, ours: SystemTime) -> Finding {
    let apart = theirs.duration_since(ours).unwrap_or_else(|error| error.duration());
    if apart < SKEW {
        return Finding::fine("clocks", "the database's clock and this machine's agree");
    }
    let words = format!(
        "the database's clock and this machine's are {} s apart: keep both right by NTP",
        apart.as_secs()
    );
    Finding::trouble("clocks", words)
}

/// Whether what tells the admin can be run.
fn notices(settings: &Settings) -> Finding {
    let Some(program) = settings.notify_command.first() else {
        let words = "notify.command is not set: nobody is told when something needs them";
        return Finding::notable("notices", words);
    };
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |path: &Path| {
        path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    let found = if program.contains('/') {
        is_there(Path::new(program))
    } else {
        std::env::split_paths(&paths).any(|folder| is_there(&folder.join(program)))
    };
    if found {
        return Finding::fine("notices", format!("{program} tells what needs you"));
    }
    Finding::trouble("notices", format!("notify.command: there is no program {program} that can be run"))
}

fn index(places: &Places) -> Finding {
    let searcher = Searcher::open(&places.index(), SearchConfig { threads: 1, ..SearchConfig::default() });
    let facts = searcher.facts();
    let told = |pages| {
        format!("{} of {}", told::count(pages, "page", "pages"), told::count(facts.sites, "site", "sites"))
    };
    match (facts.pages, facts.rebuilding) {
        (0, None) => Finding::notable("index", "holds no page yet"),
        (pages, Some(percent)) => {
            Finding::notable("index", format!("{}; rebuilding, {percent} %", told(pages)))
        }
        (pages, None) => Finding::fine("index", told(pages)),
    }
}
