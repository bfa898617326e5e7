//! robots.txt as last read, and the last good copy, which rules while the file cannot be reached.

use super::super::pool::StoreError;
use std::str::FromStr;
use std::time::Duration;

use sqlx::PgConnection;

use super::super::codec;
use super::super::id::CapsuleId;

/// What is kept of a robots.txt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRobots {
    /// Until when this may be used without asking again; zero: ask now.
    pub fresh_for: Duration,
    /// How the last asking ended.
    pub answer: RobotsAnswer,
    /// How long it has been unreachable without a break.
    pub unreachable_for: Option<Duration>,
    /// The last good copy and its age; none: the rules were never known.
    pub last_good: Option<LastGood>,
}

/// The last good copy of a robots.txt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastGood {
    /// Its text; empty where there were no rules.
    pub text: String,
    /// How old it is.
    pub age: Duration,
}

/// How asking for a robots.txt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RobotsAnswer {
    /// There are rules.
    Rules,
    /// There are none: crawl.
    NoRules,
    /// It is not known: the last good copy rules, without one do not crawl.
    Unreachable,
}

impl RobotsAnswer {
    const ALL: [Self; 3] = [Self::Rules, Self::NoRules, Self::Unreachable];

    const fn code(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::NoRules => "none",
            Self::Unreachable => "unreachable",
        }
    }
}

/// A word that is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an answer to asking for robots.txt")]
pub struct UnknownAnswer(pub String);

impl FromStr for RobotsAnswer {
    type Err = UnknownAnswer;

    fn from_str(word: &str) -> Result<Self, UnknownAnswer> {
        Self::ALL
            .into_iter()
            .find(|answer| answer.code() == word)
            .ok_or_else(|| UnknownAnswer(word.to_owned()))
    }
}

/// Reads what is kept of the robots.txt of a capsule's folder.
///
/// # Errors
///
/// When the database is away, or the row cannot be read.
pub async fn kept(
    c: &mut PgConnection,
    capsule: CapsuleId,
    folder: &str,
) -> Result<Option<KeptRobots>, StoreError> {
    let row = sqlx::query!(
        r#"select greatest(0, extract(epoch from ask_again - clock()))::float8 as "fresh!", answer,
                  extract(epoch from clock() - unreachable_since)::float8 as unreachable,
                  rules, extract(epoch from clock() - rules_at)::float8 as age
           from robots where capsule = $1 and folder = $2"#,
        capsule.0,
        folder
    )
    .fetch_optional(c)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let answer = codec::word("robots answer", &row.answer)?;
    let span = |seconds: f64| Duration::from_secs_f64(seconds.max(0.0));
    Ok(Some(KeptRobots {
        fresh_for: span(row.fresh),
        answer,
        unreachable_for: row.unreachable.map(span),
        last_good: row.age.map(|age| LastGood { text: row.rules.unwrap_or_default(), age: span(age) }),
    }))
}

/// What asking brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedRobots {
    /// Whose.
    pub capsule: CapsuleId,
    /// Of which folder of it.
    pub folder: String,
    /// How it ended.
    pub answer: RobotsAnswer,
    /// The text of the rules, with [`RobotsAnswer::Rules`].
    pub rules: Option<String>,
    /// When to ask again.
    pub ask_again_in: Duration,
}

/// Keeps what asking brought. Where the file was unreachable the last good copy stays; where there are no
/// rules any more it goes.
///
/// # Errors
///
/// When the database is away.
pub async fn keep(c: &mut PgConnection, asked: &AskedRobots) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into robots as r (capsule, folder, asked_at, ask_again, answer, unreachable_since, rules, rules_at)
         values ($1, $2, clock(), clock() + make_interval(secs => $3), $4,
                 case when $4 = 'unreachable' then clock() end, $5, case when $4 <> 'unreachable' then clock() end)
         on conflict (capsule, folder) do update
         set asked_at = excluded.asked_at,
             ask_again = excluded.ask_again,
             answer = excluded.answer,
             unreachable_since = case when excluded.answer = 'unreachable'
                                      then coalesce(r.unreachable_since, excluded.unreachable_since) end,
             rules = case when excluded.answer = 'unreachable' then r.rules else excluded.rules end,
             rules_at = case when excluded.answer = 'unreachable' then r.rules_at else excluded.rules_at end",
        asked.capsule.0,
        asked.folder,
        codec::seconds(asked.ask_again_in) as f64,
        asked.answer.code(),
        asked.rules
    )
    .execute(c)
    .await?;
    Ok(())
}
