//! `sextant admin like`: which capsules have something in common, so that a farm is seen before it is shut out.

use anyhow::{Context as _, bail};
use shared::gemini::host::CapsuleAddr;
use shared::gemini::url::GeminiUrl;
use shared::process::told;
use shared::store::Store;
use shared::store::known::kin::{self, Kin, Shared, Traits};

/// Capsules of one part of the list.
const PART: usize = 50;

/// Which capsule, and which part of the list.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A URL or a host
    url: String,
    /// Which part of the list, from 1
    #[arg(long, default_value_t = 1)]
    part: usize,
}

/// What the capsule shares, and with whom.
pub(super) async fn told(store: &Store, arguments: &Arguments) -> anyhow::Result<String> {
    let url = read(&arguments.url)?;
    let found = store
        .read(async |c| {
            let Some(traits) = kin::traits(c, &url).await? else { return Ok(None) };
            let kin = kin::of(c, &traits).await?;
            Ok(Some((traits, kin)))
        })
        .await?;
    let Some((traits, kin)) = found else { bail!("nobody knows the capsule {}", url.capsule()) };
    let first = arguments.part.checked_sub(1).context("parts are counted from 1")?;
    let mut lines = of_itself(&url, &traits);
    lines.push(match kin.len() {
        0 => "no other capsule shares any of it".to_owned(),
        count => format!("{} with it:", shares(count)),
    });
    lines.extend(kin.iter().skip(first.saturating_mul(PART)).take(PART).map(line));
    let left = kin.len().saturating_sub(arguments.part.saturating_mul(PART));
    if left > 0 {
        lines.push(format!("  and {left} more: --part {}", arguments.part + 1));
    }
    Ok(lines.join("\n"))
}

fn shares(count: usize) -> String {
    let others = told::count(count as u64, "other capsule", "other capsules");
    if count == 1 { format!("{others} shares something") } else { format!("{others} share something") }
}

fn read(text: &str) -> anyhow::Result<GeminiUrl> {
    if text.contains("://") {
        return GeminiUrl::parse(text).with_context(|| format!("{text} is no URL of a page"));
    }
    let capsule: CapsuleAddr = text.parse().with_context(|| format!("{text} is neither a URL nor a host"))?;
    Ok(GeminiUrl::root(&capsule))
}

/// What there is to share, each with the words by which it is shut out.
fn of_itself(url: &GeminiUrl, traits: &Traits) -> Vec<String> {
    let mut lines = vec![format!("{}:", url.capsule())];
    let mut fact = |name: &str, value: String| lines.push(format!("  {name:<10}{value}"));
    match traits.address {
        Some(address) => fact("address", format!("{address}  (--address {address})")),
        None => fact("address", "none known".to_owned()),
    }
    match traits.key {
        Some(key) => fact("key", format!("sha256:{key}  (--key sha256:{key})")),
        None => fact("key", "none known".to_owned()),
    }
    if let Some(hash) = traits.content {
        fact("content", format!("{hash}  (--content {hash}, of {})", url.as_str()));
    }
    fact(
        "template",
        format!(
            "{} compared",
            told::count(traits.likenesses.len() as u64, "kept likeness", "kept likenesses")
        ),
    );
    lines
}

fn line(kin: &Kin) -> String {
    let Shared { address, key, texts, alike, kept } = kin.shared;
    let mut shared = Vec::new();
    if address {
        shared.push("address".to_owned());
    }
    if key {
        shared.push("key".to_owned());
    }
    if texts > 0 {
        shared.push(told::count(texts, "text", "texts"));
    }
    if alike > 0 {
        shared.push(format!("template ({alike} of {kept} kept pages all but the same)"));
    }
    let pages = told::count(kin.pages, "page", "pages");
    format!("  {:<32} {pages:>12}  {}", kin.addr.to_string(), shared.join(", "))
}
