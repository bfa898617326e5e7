//! `sextant admin`: the admin's acts and a look at how it gets on, from the terminal.

pub(crate) mod backup;
mod keys;
mod like;
mod print;
mod report;
mod restore;
mod rules;
mod safety;
mod upgrade;
mod views;
mod words;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use server::acts;
use server::acts::pause::Paused;
use server::acts::receipt::Receipt;
use server::people::Admin;
use shared::gemini::pattern::UrlPattern;
use shared::gemini::url::GeminiUrl;
use shared::store::Store;

use crate::life::{components, identity};
use crate::settings::Settings;
use keys::Key;
use safety::Safety;
use views::View;

const TOO_SMALL: &str =
    "single pages cannot be paused: name *, *.domain, a host or a site such as gemini://host/~ann/*";

/// Plant seeds, recrawl, purge, exclude, pause, judge reports, see how it gets on and what is open
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Plant the URLs of a file as seeds, one a line (`-` reads standard input)
    Seed {
        /// The file
        file: PathBuf,
    },
    /// Visit pages again now: a URL, a prefix ending in `*`, a host, `*.domain`, or `*`
    Recrawl {
        /// Which pages
        pattern: UrlPattern,
    },
    /// Take pages out of store and search, and keep them out
    Purge {
        /// Which pages
        pattern: UrlPattern,
        /// Why, for the audit log
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Leave something alone until it is resumed: `*`, `*.domain`, a host, or a site (`gemini://host/~ann/*`)
    Pause {
        /// What
        pattern: UrlPattern,
        /// Why, for the audit log and the status
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Go on with what was paused
    Resume {
        /// What, as it was paused
        pattern: UrlPattern,
    },
    #[command(flatten)]
    View(View),
    #[command(flatten)]
    Key(Key),
    #[command(flatten)]
    Safety(Safety),
    #[command(flatten)]
    Rule(rules::Act),
    /// Which capsules share address, key, texts or template with this one
    Like(like::Arguments),
    /// A complaint, and what is done about it
    Report(report::Arguments),
}

/// Does one act.
pub(crate) async fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let places = settings.places();
    if let Act::Safety(act) = &arguments.act {
        return safety::run(act, settings, &places).await;
    }
    identity::follow_owner(places.state())?;
    if let Act::Key(key) = &arguments.act {
        writeln!(std::io::stdout(), "{}", keys::run(key, &places)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let options = components::store_options(settings, &places).await?;
    let store = Store::connect(options).await?;
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::current()).ok().flatten();
    let admin = Admin::at_the_console(user.as_ref().map_or("unknown", |user| &user.name));
    let told = match &arguments.act {
        Act::Seed { file } => {
            let planted = acts::seed::seed(&admin, &store, &read_seeds(file)?).await?;
            format!("{} new seeds, {} known before", planted.new, planted.known)
        }
        Act::Recrawl { pattern } => told(&acts::recrawl::recrawl(&admin, &store, pattern).await?),
        Act::Purge { pattern, reason } => {
            told(&acts::purge::purge(&admin, &store, &places.register(), pattern, reason).await?)
        }
        Act::Pause { pattern, reason } => match acts::pause::pause(&admin, &store, pattern, reason).await? {
            Paused::Now => format!("{pattern} is paused"),
            Paused::Already => format!("{pattern} was paused already"),
            Paused::TooSmall => bail!("{TOO_SMALL}"),
        },
        Act::Resume { pattern } => match acts::pause::resume(&admin, &store, pattern).await? {
            Paused::Now => format!("{pattern} goes on"),
            Paused::Already => format!("{pattern} was not paused"),
            Paused::TooSmall => bail!("{TOO_SMALL}"),
        },
        Act::View(view) => views::told(view, &store, (settings, &places)).await?,
        Act::Rule(act) => rules::told(&admin, (&store, &places.register()), act).await?,
        Act::Like(arguments) => like::told(&store, arguments).await?,
        Act::Report(arguments) => report::told(&admin, (&store, &places.register()), arguments).await?,
        // Done above: keys need no database, and these look for theirs.
        Act::Key(_) | Act::Safety(_) => return Ok(ExitCode::SUCCESS),
    };
    writeln!(std::io::stdout(), "{told}")?;
    Ok(ExitCode::SUCCESS)
}

fn told(receipt: &Receipt) -> String {
    words::job(receipt.job)
}

/// One URL a line; empty lines and lines with `#` are passed over. Every bad line is told.
pub(crate) fn read_seeds(file: &Path) -> anyhow::Result<BTreeSet<GeminiUrl>> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    }
    let mut seeds = BTreeSet::new();
    let mut bad = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match GeminiUrl::parse(line) {
            Ok(url) => drop(seeds.insert(url)),
            Err(error) => bad.push(format!("\n  line {number}: {line:?}: {error}")),
        }
    }
    if !bad.is_empty() {
        bail!(
            "nothing was planted, for {} of {}'s lines are no URLs:{}",
            bad.len(),
            file.display(),
            bad.concat()
        );
    }
    Ok(seeds)
}
