//! `sextant crawl`: the crawler alone, under a supervisor of ours or of somebody else's.

use std::process::ExitCode;

use crawler::Crawler;

use crate::life::{Life, components, identity};
use crate::settings::Settings;

/// Crawls until told to stop.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let places = settings.places();
    identity::leave_root(places.state())?;
    let mut life = Life::begin("crawl", settings, &places)?;
    if let Some(store) = components::store(settings, &places, &life.stop()).await? {
        let crawler = Crawler::new(settings.crawler(&places), store);
        life.tell(crawler.progress());
        let stop = life.stop();
        life.until(crawler.run(stop)).await?;
    }
    Ok(ExitCode::SUCCESS)
}
