//! The desk's screens as commands: the same views, printed.

use anyhow::Context as _;
use server::desk::{audit, capsules, connections, index, overview, reports, rules, runs, submissions};
use server::render::problem::Problem;
use server::search::PageNumber;
use shared::index::generation::IndexFolder;
use shared::store::Store;

use super::print::printed;
use crate::settings::{Places, Settings};

/// What to look at.
#[derive(Debug, clap::Subcommand)]
pub(super) enum View {
    /// How crawl and index get on, trouble first
    Status,
    /// Every socket that the crawlers hold open, the oldest first
    Connections,
    /// Capsules in trouble, and what is paused
    Capsules(Part),
    /// Jobs: what is under way, and what came of the others
    Runs(Part),
    /// The indexes: how far each is, and the generations here
    Indexes,
    /// What is shut out, whatever visitors may see of it
    #[command(visible_alias = "exclusions")]
    Rules(Part),
    /// Complaints of visitors, those that nobody has judged first
    Reports(Part),
    /// What was handed in, and how far it has come
    Submissions(Part),
    /// Who did what, the latest first
    Audit(Part),
}

/// Which part of a long list.
#[derive(Debug, clap::Args)]
pub(super) struct Part {
    /// Which part of the list, from 1
    #[arg(long, default_value_t = 1)]
    part: u32,
}

/// The view as lines of text.
pub(super) async fn told(
    view: &View,
    store: &Store,
    (settings, places): (&Settings, &Places),
) -> anyhow::Result<String> {
    let board = match view {
        View::Status => overview::shown(&overview::load(store, places.state(), settings.reserve).await?),
        View::Connections => connections::shown(&connections::load(store).await?),
        View::Indexes => index::shown(&index::load(store, &IndexFolder::at(&places.index())).await?),
        View::Capsules(part) => capsules::shown(&read(capsules::load(store, of(part)?).await)?),
        View::Runs(part) => runs::shown(&read(runs::load(store, of(part)?).await)?, None),
        View::Rules(part) => rules::shown(&read(rules::load(store, of(part)?).await)?),
        View::Reports(part) => reports::shown(&read(reports::load(store, of(part)?).await)?),
        View::Submissions(part) => submissions::shown(&read(submissions::load(store, of(part)?).await)?),
        View::Audit(part) => audit::shown(&read(audit::load(store, of(part)?).await)?),
    };
    Ok(printed(&board))
}

fn of(part: &Part) -> anyhow::Result<PageNumber> {
    PageNumber::new(part.part).context("parts are counted from 1")
}

/// A problem as the one sentence that it is.
fn read<T>(read: Result<T, Problem>) -> anyhow::Result<T> {
    read.map_err(|problem| anyhow::anyhow!("{problem}"))
}
