//! `sextant admin exclude` and `lift`: what is shut out, by URL, address, key or content.

use anyhow::{Context as _, bail};
use server::acts::exclude::{self, Excluded, Lifted, Patience, Rehearsal};
use server::people::Admin;
use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::pattern::UrlPattern;
use shared::gemini::url::GeminiUrl;
use shared::process::told::{count, grouped};
use shared::store::Store;
use shared::store::asked::exclusion::{Exclusion, Visibility};
use shared::store::known::profile;
use shared::store::register::Register;
use shared::store::rule::{AddressRange, Rule};

use super::words::job;

/// An act on rules.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Act {
    /// Shut out what is not to be visited, searched or shown; lifting it brings everything back
    Exclude {
        #[command(flatten)]
        what: What,
        /// Only say what it would do
        #[arg(long)]
        dry_run: bool,
        /// Why, for the audit log and for visitors
        #[arg(long, default_value = "")]
        reason: String,
        /// How much of it visitors may see: full (what and why), host (only the host) or count (only that it is there)
        #[arg(long, default_value = "full", value_parser = visibility)]
        visibility: Visibility,
    },
    /// Take a rule away: what only it kept out comes back
    Lift {
        #[command(flatten)]
        what: What,
    },
}

/// Which pages a rule means.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct What {
    /// A host, *.domain, a URL, a prefix ending in *, or a URL with * anywhere (`gemini://*/cgi-bin/*`: on every host)
    pattern: Option<UrlPattern>,
    /// Capsules at an address or in a network: 192.0.2.7, 192.0.2.0/24, `2001:db8::/32`
    #[arg(long)]
    address: Option<AddressRange>,
    /// Capsules that show this certificate: sha256:... (`sextant admin like` tells it)
    #[arg(long, value_parser = fingerprint)]
    key: Option<Fingerprint>,
    /// Pages that say just this, wherever they are: a content hash, or the URL of one of them
    #[arg(long, value_name = "HASH|URL")]
    content: Option<String>,
}

fn visibility(word: &str) -> Result<Visibility, String> {
    word.parse().map_err(|_| "one of full, host, count".to_owned())
}

fn fingerprint(text: &str) -> Result<Fingerprint, String> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    digits.to_ascii_lowercase().parse().map_err(|error| format!("{error}"))
}

impl What {
    async fn rule(&self, store: &Store) -> anyhow::Result<Rule> {
        let Self { pattern, address, key, content } = self;
        if let Some(pattern) = pattern {
            return Ok(Rule::Urls(pattern.clone()));
        }
        if let Some(range) = address {
            return Ok(Rule::Addresses(*range));
        }
        if let Some(key) = key {
            return Ok(Rule::Key(*key));
        }
        let content = content.as_deref().context("nothing was named")?;
        if !content.contains("://") {
            let hash = content.strip_prefix("content:").unwrap_or(content);
            return Ok(Rule::Content(hash.to_ascii_lowercase().parse()?));
        }
        let url = GeminiUrl::parse(content).with_context(|| format!("{content} is no URL of a page"))?;
        let page = store.read(async |c| profile::of(c, &url).await).await?;
        let Some(hash) = page.and_then(|page| page.content) else {
            bail!("no text of {url} is stored, so nothing can be compared with it");
        };
        Ok(Rule::Content(hash))
    }
}

/// Does one act, and tells of it.
pub(super) async fn told(
    admin: &Admin,
    (store, register): (&Store, &Register),
    act: &Act,
) -> anyhow::Result<String> {
    match act {
        Act::Exclude { what, dry_run: true, .. } => {
            let rule = what.rule(store).await?;
            Ok(rehearsed(&rule, &exclude::rehearse(store, &rule, Patience::Endless).await?))
        }
        Act::Exclude { what, dry_run: false, reason, visibility } => {
            let rule = what.rule(store).await?;
            let exclusion = Exclusion { rule, reason: reason.clone(), visibility: *visibility };
            let rule = &exclusion.rule;
            Ok(match exclude::exclude(admin, store, &exclusion).await? {
                Excluded::Now(asked) => format!("{rule} is shut out; {}", job(asked)),
                Excluded::Reworded => format!("{rule} was shut out already, and is told otherwise now"),
                Excluded::Already => format!("{rule} was shut out already"),
            })
        }
        Act::Lift { what } => {
            let rule = what.rule(store).await?;
            match exclude::lift(admin, store, register, &rule).await? {
                Lifted::Now(asked) => Ok(format!("{rule} is no longer shut out; {}", job(asked))),
                Lifted::Nothing => bail!("there is no rule {rule}; name it as it was excluded"),
            }
        }
    }
}

/// "drops 1,204 pages of 3 sites", with some of them.
fn rehearsed(rule: &Rule, rehearsal: &Rehearsal) -> String {
    // Without an end of the patience, it is always the whole.
    let Rehearsal { pages, sites, examples, extent: _ } = rehearsal;
    let mut lines = vec![format!(
        "{rule} drops {} of {}; nothing was changed",
        count(*pages, "page", "pages"),
        count(*sites, "site", "sites")
    )];
    lines.extend(examples.iter().map(|url| format!("  {url}")));
    let more = pages.saturating_sub(examples.len() as u64);
    if more > 0 {
        lines.push(format!("  and {} more", grouped(more)));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_is_told_in_a_sentence() {
        let examples = vec![GeminiUrl::parse("gemini://a.example/x").expect("a URL")];
        let rule: Rule = "*.example".parse().expect("a rule");
        let told = rehearsed(&rule, &Rehearsal { pages: 1_204, sites: 3, examples, ..Rehearsal::default() });
        let expected = "*.example drops 1,204 pages of 3 sites; nothing was changed\n  gemini://a.example/x\n  and 1,203 more";
        assert_eq!(told, expected);
        assert_eq!(
            rehearsed(&rule, &Rehearsal::default()),
            "*.example drops 0 pages of 0 sites; nothing was changed"
        );
    }
}
