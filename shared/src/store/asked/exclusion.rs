//! What the admin shut out.
//!
//! A rule takes effect by being here: whoever is about to visit, index or show a page judges it by [`rules`]. Pages that
//! could be found are withdrawn as well, and come back when the rule is lifted (`known::page::shut_out`, `let_in`).

use std::str::FromStr;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::codec;
use super::super::pool::StoreError;
use super::super::rule::{Rule, Rules};
use crate::gemini::pattern::{Place, UrlPattern};
use crate::gemini::url::GeminiUrl;

/// A rule that shuts pages out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// Which pages.
    pub rule: Rule,
    /// Why; shown to visitors as far as the rule's visibility allows.
    pub reason: String,
    /// How much of it visitors may see.
    pub visibility: Visibility,
}

/// How much of a rule visitors may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// What it names, and the reason.
    #[default]
    Full,
    /// Only the host.
    Host,
    /// Only that there is one more rule.
    Count,
}

impl Visibility {
    /// All of them, the most open one first.
    pub const ALL: [Self; 3] = [Self::Full, Self::Host, Self::Count];

    /// The word it is stored under.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Host => "host",
            Self::Count => "count",
        }
    }
}

impl FromStr for Visibility {
    type Err = StoreError;

    fn from_str(word: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|visibility| visibility.code() == word)
            .ok_or_else(|| StoreError::Unreadable { what: "visibility", value: word.to_owned() })
    }
}

impl Exclusion {
    /// A rule that visitors may see with its reason.
    #[must_use]
    pub fn new(rule: Rule, reason: impl Into<String>) -> Self {
        Self { rule, reason: reason.into(), visibility: Visibility::Full }
    }
}

/// What adding a rule changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is a new one.
    New,
    /// It was there, and has another reason or visibility now.
    Changed,
    /// It was there just so.
    Already,
}

/// Adds a rule, or gives it another reason and visibility.
///
/// # Errors
///
/// When the database is away.
pub async fn add(c: &mut PgConnection, exclusion: &Exclusion) -> Result<Added, StoreError> {
    let Exclusion { rule, reason, visibility } = exclusion;
    let (mut address, mut key, mut content) = (None, None, None);
    match rule {
        Rule::Urls(_) => {}
        Rule::Addresses(range) => address = Some(range.to_string()),
        Rule::Key(fingerprint) => key = Some(fingerprint.0.to_vec()),
        Rule::Content(hash) => content = Some(hash.0.to_vec()),
    }
    let is_new = sqlx::query_scalar!(
        r#"insert into exclusion as e (pattern, reason, visibility, address, key, content)
           values ($1, $2, $3, $4::text::cidr, $5, $6)
           on conflict (pattern) do update set reason = excluded.reason, visibility = excluded.visibility
           where (e.reason, e.visibility) <> (excluded.reason, excluded.visibility)
           returning xmax = 0 as "new!""#,
        rule.to_string(),
        reason,
        visibility.code(),
        address,
        key,
        content
    )
    .fetch_optional(c)
    .await?;
    Ok(match is_new {
        Some(true) => Added::New,
        Some(false) => Added::Changed,
        None => Added::Already,
    })
}

/// Takes a rule away. False: there was none of exactly this spelling.
///
/// # Errors
///
/// When the database is away.
pub async fn remove(c: &mut PgConnection, rule: &Rule) -> Result<bool, StoreError> {
    let removed =
        sqlx::query!("delete from exclusion where pattern = $1", rule.to_string()).execute(c).await?;
    Ok(removed.rows_affected() == 1)
}

/// Shuts out what a register of removals says must stay out since a moment, unless a rule does so already. Why is not
/// known, so no more of it is told than that there is a rule.
///
/// # Errors
///
/// When the database is away.
pub async fn keep_out(
    c: &mut PgConnection,
    pattern: &UrlPattern,
    since: DateTime<Utc>,
) -> Result<(), StoreError> {
    // As old as the removal: another machine's register may say that it was lifted between then and now.
    sqlx::query!(
        "insert into exclusion (pattern, reason, visibility, excluded_at)
         values ($1, 'removed before the store was restored', 'count', $2)
         on conflict (pattern) do nothing",
        pattern.to_string(),
        since
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Takes a rule away if it was made before it was lifted, as a register of removals says.
///
/// # Errors
///
/// When the database is away.
pub async fn lifted(c: &mut PgConnection, rule: &Rule, moment: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!("delete from exclusion where pattern = $1 and excluded_at < $2", rule.to_string(), moment)
        .execute(c)
        .await?;
    Ok(())
}

/// All rules, with the capsules that rules on addresses and keys reach now.
///
/// # Errors
///
/// When the database is away, or a rule cannot be read.
pub async fn rules(c: &mut PgConnection) -> Result<Rules, StoreError> {
    let patterns = sqlx::query_scalar!("select pattern from exclusion").fetch_all(&mut *c).await?;
    let rules: Result<Rules, StoreError> =
        patterns.iter().map(|pattern| codec::word("exclusion", pattern)).collect();
    let rules = rules?;
    if !rules.depend_on_capsules() {
        return Ok(rules);
    }
    let reached = sqlx::query!(
        r#"select c.host as "host!", c.port as "port!", true as "by_address!"
           from exclusion e join capsule c on c.ip <<= e.address
           union all
           select c.host, c.port, false
           from exclusion e join certificate t on t.fingerprint = e.key join capsule c on c.id = t.capsule
           where t.last_seen = (select max(o.last_seen) from certificate o where o.capsule = t.capsule)"#
    )
    .fetch_all(c)
    .await?;
    let (mut by_address, mut by_key) = (Vec::new(), Vec::new());
    for row in reached {
        let capsule = codec::capsule_addr(&row.host, row.port)?;
        if row.by_address { by_address.push(capsule) } else { by_key.push(capsule) }
    }
    Ok(rules.reaching(by_address, by_key))
}

/// The rules on addresses and keys, which reach other capsules when those move or change their certificate.
///
/// # Errors
///
/// When the database is away, or a rule cannot be read.
pub async fn on_capsules(c: &mut PgConnection) -> Result<Vec<Rule>, StoreError> {
    let patterns = sqlx::query_scalar!(
        "select pattern from exclusion where address is not null or key is not null order by pattern"
    )
    .fetch_all(c)
    .await?;
    patterns.iter().map(|pattern| codec::word("exclusion", pattern)).collect()
}

/// A rule as the admin sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The rule.
    pub exclusion: Exclusion,
    /// Since when.
    pub since: DateTime<Utc>,
}

struct Row {
    pattern: String,
    reason: String,
    visibility: String,
    excluded_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<Listed, StoreError> {
        let exclusion = Exclusion {
            rule: codec::word("exclusion", &self.pattern)?,
            reason: self.reason,
            visibility: self.visibility.parse()?,
        };
        Ok(Listed { exclusion, since: self.excluded_at })
    }
}

/// A rule as it is in force now; none: it is not.
///
/// # Errors
///
/// When the database is away, or the rule cannot be read.
pub async fn of(c: &mut PgConnection, rule: &Rule) -> Result<Option<Listed>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "select pattern, reason, visibility, excluded_at from exclusion where pattern = $1",
        rule.to_string()
    )
    .fetch_optional(c)
    .await?;
    row.map(Row::read).transpose()
}

/// A part of the list of rules, the newest first, and how many there are in all.
///
/// # Errors
///
/// When the database is away, or a rule cannot be read.
pub async fn list(c: &mut PgConnection, offset: i64, limit: i64) -> Result<(Vec<Listed>, u64), StoreError> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from exclusion"#).fetch_one(&mut *c).await?;
    let rows = sqlx::query_as!(
        Row,
        "select pattern, reason, visibility, excluded_at from exclusion
         order by excluded_at desc, pattern offset $1 limit $2",
        offset,
        limit
    )
    .fetch_all(c)
    .await?;
    let listed: Result<Vec<Listed>, StoreError> = rows.into_iter().map(Row::read).collect();
    Ok((listed?, count.unsigned_abs()))
}

/// A rule as its visibility lets it be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicRule {
    /// What it names, or only the host; none: only that there is a rule.
    pub what: Option<String>,
    /// Why; empty where it may not be shown.
    pub reason: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl Listed {
    /// As much of it as visitors may see.
    #[must_use]
    pub fn public(self) -> PublicRule {
        let Self { exclusion: Exclusion { rule, reason, visibility }, since } = self;
        match visibility {
            Visibility::Full => PublicRule { what: Some(rule.to_string()), reason, since },
            Visibility::Host => PublicRule { what: Some(host(&rule)), reason: String::new(), since },
            Visibility::Count => PublicRule { what: None, reason: String::new(), since },
        }
    }
}

/// The host that a rule is about.
fn host(rule: &Rule) -> String {
    match rule {
        Rule::Urls(UrlPattern::Page(url) | UrlPattern::Prefix(url)) => url.capsule().to_string(),
        Rule::Urls(UrlPattern::Capsule(addr)) => addr.to_string(),
        Rule::Urls(pattern @ (UrlPattern::Domain(_) | UrlPattern::Everything)) => pattern.to_string(),
        Rule::Urls(UrlPattern::Like(wildcard)) => match wildcard.place() {
            Place::Everywhere => "*".to_owned(),
            Place::Domain(domain) => format!("*.{domain}"),
            Place::Capsule(addr) => addr.to_string(),
        },
        Rule::Addresses(_) | Rule::Key(_) | Rule::Content(_) => "several hosts".to_owned(),
    }
}

/// A part of the rules of which visitors may see more than that they are there, the newest first.
///
/// # Errors
///
/// When the database is away, or a rule cannot be read.
pub async fn public(c: &mut PgConnection, offset: i64, limit: i64) -> Result<Vec<PublicRule>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select pattern, reason, visibility, excluded_at from exclusion where visibility <> 'count'
         order by excluded_at desc, pattern offset $1 limit $2",
        offset,
        limit
    )
    .fetch_all(c)
    .await?;
    rows.into_iter().map(|row| Ok(row.read()?.public())).collect()
}

/// How many rules there are, and of how many no more may be told than that.
///
/// # Errors
///
/// When the database is away.
pub async fn counts(c: &mut PgConnection) -> Result<(u64, u64), StoreError> {
    let row = sqlx::query!(
        r#"select count(*) as "all!", count(*) filter (where visibility = 'count') as "untold!" from exclusion"#
    )
    .fetch_one(c)
    .await?;
    Ok((row.all.unsigned_abs(), row.untold.unsigned_abs()))
}

/// The first rule that shuts a page out, as visitors may see it.
///
/// # Errors
///
/// When the database is away, or a rule cannot be read.
pub async fn against(c: &mut PgConnection, url: &GeminiUrl) -> Result<Option<PublicRule>, StoreError> {
    let rows = sqlx::query!(
        r#"select e.pattern, e.reason, e.visibility, e.excluded_at,
                  coalesce(k.ip <<= e.address, false)
                  or coalesce(p.content = e.content, false)
                  or coalesce(e.key = (select t.fingerprint from certificate t where t.capsule = k.id
                                       order by t.last_seen desc limit 1), false) as "by_trait!"
           from exclusion e
           left join capsule k on (k.host, k.port) = ($1, $2)
           left join page p on (p.capsule, p.path) = (k.id, $3)
           order by e.pattern"#,
        url.capsule().host().as_str(),
        i32::from(url.capsule().port()),
        url.path_and_query()
    )
    .fetch_all(c)
    .await?;
    for row in rows {
        let rule: Rule = codec::word("exclusion", &row.pattern)?;
        let is_meant = match &rule {
            Rule::Urls(pattern) => pattern.matches(url),
            Rule::Addresses(_) | Rule::Key(_) | Rule::Content(_) => row.by_trait,
        };
        if is_meant {
            let visibility = row.visibility.parse()?;
            let exclusion = Exclusion { rule, reason: row.reason, visibility };
            return Ok(Some(Listed { exclusion, since: row.excluded_at }.public()));
        }
    }
    Ok(None)
}
