//! What the admin has paused: everything, a domain, a capsule, or a site. It stays due, and is not visited.

use std::time::Duration;

use sqlx::PgConnection;

use super::super::codec;
use super::super::pool::StoreError;
use crate::gemini::host::{CapsuleAddr, Host};
use crate::gemini::pattern::{UrlPattern, is_below};

/// Something that is paused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// What.
    pub pattern: UrlPattern,
    /// Why, as the admin said; empty when nothing was said.
    pub reason: String,
    /// Since how long.
    pub age: Duration,
    /// By whom.
    pub actor: String,
}

/// How much a pattern names, where it is something that can be paused.
enum Scope<'a> {
    Everything,
    Domain(&'a Host),
    Capsule(&'a CapsuleAddr),
    Site(&'a CapsuleAddr, String),
}

/// What can be paused: `*`, `*.domain`, a capsule, or all pages of a site. A prefix is a site where it is exactly one.
fn scope(pattern: &UrlPattern) -> Option<Scope<'_>> {
    match pattern {
        UrlPattern::Everything => Some(Scope::Everything),
        UrlPattern::Domain(host) => Some(Scope::Domain(host)),
        UrlPattern::Capsule(capsule) => Some(Scope::Capsule(capsule)),
        UrlPattern::Like(_) => None,
        UrlPattern::Page(url) | UrlPattern::Prefix(url) => {
            let site = url.site();
            let folder = site.folder();
            (url.path_and_query() == folder).then(|| match folder {
                "/" => Scope::Capsule(url.capsule()),
                folder => Scope::Site(url.capsule(), folder.to_owned()),
            })
        }
    }
}

/// One spelling for each: a site is stored as the prefix that it is, and the root's prefix as its capsule.
fn spelled(pattern: &UrlPattern) -> String {
    match scope(pattern) {
        Some(Scope::Capsule(capsule)) => UrlPattern::Capsule(capsule.clone()).to_string(),
        Some(Scope::Site(capsule, folder)) => {
            let root = crate::gemini::url::GeminiUrl::root(capsule);
            format!("{}{folder}*", root.as_str().trim_end_matches('/'))
        }
        Some(Scope::Everything | Scope::Domain(_)) | None => pattern.to_string(),
    }
}

/// Whether a pattern names something that can be paused.
#[must_use]
pub fn is_possible(pattern: &UrlPattern) -> bool {
    scope(pattern).is_some()
}

impl Pause {
    /// Whether it is the pause of this pattern itself, however it is spelled.
    #[must_use]
    pub fn is_of(&self, pattern: &UrlPattern) -> bool {
        spelled(&self.pattern) == spelled(pattern)
    }

    /// Whether it keeps the crawl from all that the pattern names.
    #[must_use]
    pub fn covers(&self, pattern: &UrlPattern) -> bool {
        match (scope(&self.pattern), scope(pattern)) {
            (Some(Scope::Everything), Some(_)) => true,
            (Some(Scope::Domain(domain)), Some(named)) => match named {
                Scope::Everything => false,
                Scope::Domain(host) => is_below(host, domain),
                Scope::Capsule(capsule) | Scope::Site(capsule, _) => is_below(capsule.host(), domain),
            },
            (Some(Scope::Capsule(own)), Some(Scope::Capsule(capsule) | Scope::Site(capsule, _))) => {
                own == capsule
            }
            (Some(Scope::Site(..)), Some(_)) => self.is_of(pattern),
            (Some(Scope::Capsule(_)), Some(Scope::Everything | Scope::Domain(_))) | (None, _) | (_, None) => {
                false
            }
        }
    }
}

/// Pauses, or changes the reason. False: it was paused already. A pattern that [`is_possible`] refuses changes
/// nothing.
///
/// # Errors
///
/// When the database is away.
pub async fn add(
    c: &mut PgConnection,
    pattern: &UrlPattern,
    reason: &str,
    actor: &str,
) -> Result<bool, StoreError> {
    let Some(scope) = scope(pattern) else { return Ok(false) };
    let (word, host, port, folder) = match &scope {
        Scope::Everything => ("everything", None, None, None),
        Scope::Domain(host) => ("domain", Some(host.as_str()), None, None),
        Scope::Capsule(capsule) => {
            ("capsule", Some(capsule.host().as_str()), Some(i32::from(capsule.port())), None)
        }
        Scope::Site(capsule, folder) => {
            let port = Some(i32::from(capsule.port()));
            ("site", Some(capsule.host().as_str()), port, Some(folder.as_str()))
        }
    };
    let is_new = sqlx::query_scalar!(
        r#"insert into pause (pattern, scope, host, port, folder, reason, actor) values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (pattern) do update set reason = excluded.reason, actor = excluded.actor
           returning (xmax = 0) as "new!""#,
        spelled(pattern),
        word,
        host,
        port,
        folder,
        reason,
        actor
    )
    .fetch_one(c)
    .await?;
    Ok(is_new)
}

/// Ends a pause. False: there was none of exactly this pattern.
///
/// # Errors
///
/// When the database is away.
pub async fn remove(c: &mut PgConnection, pattern: &UrlPattern) -> Result<bool, StoreError> {
    let removed = sqlx::query!("delete from pause where pattern = $1", spelled(pattern)).execute(c).await?;
    Ok(removed.rows_affected() == 1)
}

/// Everything that is paused, the oldest first.
///
/// # Errors
///
/// When the database is away, or a pattern cannot be read.
pub async fn all(c: &mut PgConnection) -> Result<Vec<Pause>, StoreError> {
    let rows = sqlx::query!(
        r#"select pattern, reason, actor, greatest(0, extract(epoch from clock() - paused_at))::float8 as "age!"
           from pause order by paused_at, pattern"#
    )
    .fetch_all(c)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Pause {
            pattern: codec::word("pause", &row.pattern)?,
            reason: row.reason,
            age: Duration::from_secs_f64(row.age),
            actor: row.actor,
        })
    });
    read.collect()
}

/// The folders of a capsule whose sites are paused.
///
/// # Errors
///
/// When the database is away.
pub async fn folders(c: &mut PgConnection, capsule: &CapsuleAddr) -> Result<Vec<String>, StoreError> {
    let folders = sqlx::query_scalar!(
        r#"select folder as "folder!" from pause where scope = 'site' and host = $1 and port = $2 order by folder"#,
        capsule.host().as_str(),
        i32::from(capsule.port())
    )
    .fetch_all(c)
    .await?;
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_covers_what_lies_within_it() {
        let pattern = |text: &str| -> UrlPattern { text.parse().expect(text) };
        let pause = |text| Pause {
            pattern: pattern(text),
            reason: String::new(),
            age: Duration::ZERO,
            actor: String::new(),
        };
        for (own, covered, free) in [
            ("*", &["*", "*.org", "a.org", "gemini://a.org/~ann/*"][..], &[][..]),
            (
                "*.org",
                &["*.org", "*.a.org", "org", "a.org:1966", "gemini://a.org/~ann/*"],
                &["*", "borg", "a.com"],
            ),
            (
                "a.org",
                &["a.org", "gemini://a.org/", "gemini://a.org/~ann/*"],
                &["a.org:1966", "*.a.org", "b.a.org"],
            ),
            ("gemini://a.org/~ann/*", &["gemini://a.org/~ann/"], &["a.org", "gemini://a.org/~ben/*"]),
        ] {
            for text in covered {
                assert!(pause(own).covers(&pattern(text)), "{own} covers {text}");
            }
            for text in free {
                assert!(!pause(own).covers(&pattern(text)), "{own} leaves {text}");
            }
        }
        assert!(pause("a.org").is_of(&pattern("gemini://a.org/")) && !pause("*").is_of(&pattern("a.org")));
    }

    #[test]
    fn what_is_less_than_a_site_cannot_be_paused_and_a_site_has_one_spelling() {
        let spelled = |text: &str| {
            let pattern: UrlPattern = text.parse().expect(text);
            scope(&pattern).map(|_| spelled(&pattern))
        };
        for (text, expected) in [
            ("*", Some("*")),
            ("*.example.org", Some("*.example.org")),
            ("example.org", Some("example.org")),
            ("gemini://example.org/", Some("example.org")),
            ("gemini://example.org/*", Some("example.org")),
            ("gemini://example.org/~ann/*", Some("gemini://example.org/~ann/*")),
            ("gemini://example.org/~ann/", Some("gemini://example.org/~ann/*")),
            ("gemini://example.org/~ann/log/*", None),
            ("gemini://example.org/page.gmi", None),
        ] {
            assert_eq!(spelled(text).as_deref(), expected, "{text}");
        }
    }
}
