//! The backups that were made: a note of each, for whoever asks how old the last one is.

use std::time::Duration;

use sqlx::PgConnection;

use super::super::pool::StoreError;

/// How much is in a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupKind {
    /// Certificate, configuration, rules, dates of first sight.
    Small,
    /// Those, and the whole database.
    Whole,
}

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// How much is in it.
    pub kind: BackupKind,
    /// The machine that has it.
    pub machine: String,
    /// The file there.
    pub file: String,
    /// Its size.
    pub bytes: u64,
}

/// The last backup of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastBackup {
    /// What it is.
    pub backup: Backup,
    /// How long ago it was made.
    pub age: Duration,
}

impl BackupKind {
    /// The word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Whole => "whole",
        }
    }
}

/// Notes a backup, and forgets notes of those that are older than a year.
///
/// # Errors
///
/// When the database is away.
pub async fn record(c: &mut PgConnection, backup: &Backup) -> Result<(), StoreError> {
    sqlx::query!("delete from backup where made_at < clock() - interval '1 year'").execute(&mut *c).await?;
    sqlx::query!(
        "insert into backup (kind, machine, file, bytes) values ($1, $2, $3, $4)",
        backup.kind.code(),
        backup.machine,
        backup.file,
        i64::try_from(backup.bytes).unwrap_or(i64::MAX)
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The last backup of each kind that there is one of, the small one first.
///
/// # Errors
///
/// When the database is away, or a row cannot be read.
pub async fn last(c: &mut PgConnection) -> Result<Vec<LastBackup>, StoreError> {
    let rows = sqlx::query!(
        r#"select distinct on (kind) kind, machine, file, bytes,
                  greatest(extract(epoch from clock() - made_at), 0)::double precision as "age!"
           from backup order by kind, made_at desc, id desc"#
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            let kind = match row.kind.as_str() {
                "small" => BackupKind::Small,
                "whole" => BackupKind::Whole,
                _ => return Err(StoreError::Unreadable { what: "kind of backup", value: row.kind }),
            };
            let bytes = u64::try_from(row.bytes).unwrap_or_default();
            let backup = Backup { kind, machine: row.machine, file: row.file, bytes };
            Ok(LastBackup { backup, age: Duration::from_secs_f64(row.age) })
        })
        .collect()
}
