//! What a capsule's own rules let us show of its text, by the last known rules, at the moment of asking.
//!
//! [`stored_text`] asks for a [`Leave`], and only [`ask`] gives one: a stored text cannot be read for showing
//! without its capsule's rules having been asked first.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::id::{CapsuleId, PageId};
use super::super::pool::StoreError;
use super::robots::{self, RobotsAnswer};
use crate::gemini::robots::{Robots, Ruling, Use};
use crate::gemini::text::PageText;
use crate::gemini::url::GeminiUrl;

/// The witness that a page's capsule lets us use its text so.
#[derive(Debug)]
pub struct Leave {
    capsule: CapsuleId,
    page: PageId,
}

/// Whether a text may be used.
#[derive(Debug)]
pub enum Answer {
    /// It may.
    Given(Leave),
    /// There is no such page, or none with a text.
    NoText,
    /// A rule of the capsule, or of the user's folder in it, forbids it.
    Forbidden(Forbidden),
    /// The rules could not be read, and none are known from before.
    RulesUnknown,
}

/// The rule that forbids it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forbidden {
    /// Where the robots.txt stands: `/`, or a user's folder.
    pub folder: String,
    /// The line in it, counted from 1.
    pub line: u32,
    /// The rule as it stands.
    pub rule: String,
}

/// Asks the last known rules whether the page's text may be used in all these ways.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn ask(c: &mut PgConnection, url: &GeminiUrl, uses: &[Use]) -> Result<Answer, StoreError> {
    let capsule = url.capsule();
    let row = sqlx::query!(
        "select p.capsule, p.id, p.folder, p.origin, p.content is not null as \"has_text!\"
         from page p join capsule c on c.id = p.capsule
         where (c.host, c.port) = ($1, $2) and p.path = $3",
        capsule.host().as_str(),
        i32::from(capsule.port()),
        url.path_and_query()
    )
    .fetch_optional(&mut *c)
    .await?;
    let Some(row) = row.filter(|row| row.has_text) else { return Ok(Answer::NoText) };
    let leave = Leave { capsule: CapsuleId(row.capsule), page: PageId(row.id) };
    if row.origin == "own" {
        return Ok(Answer::Given(leave));
    }
    let mut folders = vec!["/"];
    if row.folder != "/" {
        folders.push(&row.folder);
    }
    for folder in folders {
        let Some(kept) = robots::kept(c, leave.capsule, folder).await? else {
            // A user's folder need not have rules of its own; the capsule's were read before its first page.
            if folder == "/" {
                return Ok(Answer::RulesUnknown);
            }
            continue;
        };
        let text = match (kept.answer, kept.last_good) {
            (RobotsAnswer::NoRules, _) => continue,
            (RobotsAnswer::Rules | RobotsAnswer::Unreachable, Some(copy)) => copy.text,
            (RobotsAnswer::Rules, None) => continue,
            (RobotsAnswer::Unreachable, None) => return Ok(Answer::RulesUnknown),
        };
        if let Some((line, rule)) = refusal(&Robots::parse(&text), uses, folder, url.path_and_query()) {
            return Ok(Answer::Forbidden(Forbidden { folder: folder.to_owned(), line, rule }));
        }
    }
    Ok(Answer::Given(leave))
}

/// The rule that forbids to fetch a page for the index, by the last known rules.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn forbidden(
    c: &mut PgConnection,
    capsule: CapsuleId,
    url: &GeminiUrl,
) -> Result<Option<Forbidden>, StoreError> {
    let site = url.site();
    for one in rules_of(c, capsule).await? {
        let applies = one.folder == "/" || one.folder == site.folder();
        let Some((text, _)) = one.last_good.filter(|_| applies && one.answer != RobotsAnswer::NoRules) else {
            continue;
        };
        if let Some((line, rule)) =
            refusal(&Robots::parse(&text), &[Use::Index], &one.folder, url.path_and_query())
        {
            return Ok(Some(Forbidden { folder: one.folder, line, rule }));
        }
    }
    Ok(None)
}

/// The rule that refuses one of the uses. People write a user's rules from the capsule's root and from their own
/// folder; what is forbidden in either reading is forbidden.
#[must_use]
pub fn refusal(rules: &Robots, uses: &[Use], folder: &str, path_and_query: &str) -> Option<(u32, String)> {
    let own = path_and_query.strip_prefix(folder).map(|rest| format!("/{rest}"));
    uses.iter().find_map(|purpose| {
        let rulings = [Some(path_and_query), own.as_deref()]
            .into_iter()
            .flatten()
            .map(|path| rules.allows(*purpose, path));
        rulings.into_iter().find_map(|ruling| match ruling {
            Ruling::Refused { line, rule } => Some((line, rule)),
            Ruling::Allowed => None,
        })
    })
}

/// A page's text as it was served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredText {
    /// The decoded document.
    pub source: PageText,
    /// Its title.
    pub title: String,
    /// Its type.
    pub media_type: String,
    /// Its language.
    pub language: Option<String>,
    /// When it was fetched.
    pub fetched_at: Option<DateTime<Utc>>,
}

/// Reads the text that the leave is for; none: it went meanwhile.
///
/// # Errors
///
/// When the database is away.
pub async fn stored_text(c: &mut PgConnection, leave: &Leave) -> Result<Option<StoredText>, StoreError> {
    let row = sqlx::query!(
        "select t.source, p.title, p.media_type, p.language, p.fetched_at
         from page p join content t on (t.capsule, t.hash) = (p.capsule, p.content)
         where (p.capsule, p.id) = ($1, $2)",
        leave.capsule.0,
        leave.page.0
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|row| StoredText {
        source: PageText::new(row.source),
        title: row.title,
        media_type: row.media_type,
        language: row.language,
        fetched_at: row.fetched_at,
    }))
}

/// The rules of a capsule and of the users' folders in it, as they were last read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRules {
    /// `/`, or a user's folder.
    pub folder: String,
    /// How the last asking ended.
    pub answer: RobotsAnswer,
    /// When it was last asked for.
    pub asked_at: DateTime<Utc>,
    /// When it is asked for again.
    pub ask_again: DateTime<Utc>,
    /// The last good copy and its moment.
    pub last_good: Option<(String, DateTime<Utc>)>,
}

/// All robots.txt of a capsule, its own first.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn rules_of(c: &mut PgConnection, capsule: CapsuleId) -> Result<Vec<ReadRules>, StoreError> {
    let rows = sqlx::query!(
        "select folder, answer, asked_at, ask_again, rules, rules_at from robots
         where capsule = $1 order by folder <> '/', folder limit 200",
        capsule.0
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ReadRules {
                folder: row.folder,
                answer: codec::word("robots answer", &row.answer)?,
                asked_at: row.asked_at,
                ask_again: row.ask_again,
                last_good: row.rules_at.map(|at| (row.rules.unwrap_or_default(), at)),
            })
        })
        .collect()
}
