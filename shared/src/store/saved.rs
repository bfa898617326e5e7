//! What the small backup keeps of the tables, and how it comes back.
//!
//! A whole dump is large and made by hand; this is the little that cannot be had again from Geminispace: what
//! the admin and owners have ruled, and when each page was first seen. Each [`Part`] is one CSV with a header,
//! written and read by Postgres's own COPY in one snapshot. The header names the columns, so that what an older
//! or newer program wrote is read as far as both know it.
//!
//! Coming back, rules take the place of what is there; dates of first sight are added: a page that is not known
//! becomes one to visit, and of two dates the earlier stays.

use std::io;

use futures_util::TryStreamExt as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use super::id::StoreIdentity;
use super::pool::StoreError;

/// One CSV of a small backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A table as it is.
    Table(&'static str),
    /// When capsules were first seen: host, port, `first_seen`.
    Capsules,
    /// When sites were first seen: host, port, folder, `first_seen`.
    Sites,
    /// When pages were first seen: host, port, path, folder, `first_seen`. Tombstones are left out.
    Pages,
}

/// All parts, in the order in which they come back. Tables that this store does not have yet are passed over.
pub const PARTS: [Part; 8] = [
    Part::Table("exclusion"),
    Part::Table("pause"),
    Part::Table("owner"),
    Part::Table("claim"),
    Part::Table("wish"),
    Part::Capsules,
    Part::Sites,
    Part::Pages,
];

/// Why a part could not be saved or brought back.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Where it is written to, or read from.
    #[error("the backup cannot be written or read")]
    Io(#[from] io::Error),
    /// The header of a part is none.
    #[error("the part {part} of the backup does not begin with the names of columns")]
    Header {
        /// Which part.
        part: &'static str,
    },
}

impl From<sqlx::Error> for SavedError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Part {
    /// Its name in the backup, without an ending.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table(table) => table,
            Self::Capsules => "first-seen-capsule",
            Self::Sites => "first-seen-site",
            Self::Pages => "first-seen-page",
        }
    }

    fn query(self) -> String {
        match self {
            Self::Table(table) => format!("select * from {table} order by 1"),
            Self::Capsules => "select host, port, first_seen from capsule order by host, port".to_owned(),
            Self::Sites => "select k.host, k.port, s.folder, s.first_seen
                            from site s join capsule k on k.id = s.capsule order by 1, 2, 3"
                .to_owned(),
            Self::Pages => "select k.host, k.port, p.path, p.folder, p.first_seen
                            from page p join capsule k on k.id = p.capsule
                            where p.standing <> 'gone' and p.origin <> 'own' order by 1, 2, 3"
                .to_owned(),
        }
    }
}

/// One look at the store: every part of it is of the same moment.
#[derive(Debug)]
pub struct Snapshot {
    session: PgConnection,
}

/// What a snapshot is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Which store.
    pub identity: StoreIdentity,
    /// The last migration of its tables.
    pub migration: i64,
    /// What the whole database takes on its disk, in bytes.
    pub bytes: u64,
}

impl Snapshot {
    /// Begins to look. A replica can be looked at, too.
    ///
    /// # Errors
    ///
    /// When the database is away.
    pub async fn begin(options: &PgConnectOptions) -> Result<Self, SavedError> {
        let mut session = options.clone().application_name("sextant").connect().await?;
        sqlx::raw_sql("set timezone to 'UTC'; begin isolation level repeatable read, read only")
            .execute(&mut session)
            .await?;
        Ok(Self { session })
    }

    /// What it is of.
    ///
    /// # Errors
    ///
    /// When the database is away.
    pub async fn about(&mut self) -> Result<About, SavedError> {
        let row = sqlx::query!(
            r#"select store, epoch, pg_database_size(current_database()) as "bytes!" from store_identity"#
        )
        .fetch_one(&mut self.session)
        .await?;
        let migration = sqlx::query_scalar("select max(version) from _sqlx_migrations")
            .fetch_one(&mut self.session)
            .await?;
        Ok(About {
            identity: StoreIdentity { store: row.store, epoch: row.epoch },
            migration,
            bytes: u64::try_from(row.bytes).unwrap_or_default(),
        })
    }

    /// Whether this store has it.
    ///
    /// # Errors
    ///
    /// When the database is away.
    pub async fn has(&mut self, part: Part) -> Result<bool, SavedError> {
        match part {
            Part::Table(table) => is_there(&mut self.session, table).await,
            Part::Capsules | Part::Sites | Part::Pages => Ok(true),
        }
    }

    /// Writes one part, which this store [has](Self::has).
    ///
    /// # Errors
    ///
    /// When the database is away, or `out` takes no more.
    pub async fn write(&mut self, part: Part, out: &mut (dyn io::Write + Send)) -> Result<(), SavedError> {
        let copy = format!("copy ({}) to stdout (format csv, header)", part.query());
        let mut pieces = self.session.copy_out_raw(&copy).await?;
        while let Some(piece) = pieces.try_next().await? {
            out.write_all(&piece)?;
        }
        Ok(())
    }

    /// Ends it.
    pub async fn end(self) {
        // It only read: the server forgets it either way.
        let _ended = self.session.close().await;
    }
}

/// Brings parts back, all or none: nothing is there before [`Return::commit`].
#[derive(Debug)]
pub struct Return {
    session: PgConnection,
}

impl Return {
    /// Begins. Nobody else writes meanwhile.
    ///
    /// # Errors
    ///
    /// When the database is away.
    pub async fn begin(options: &PgConnectOptions) -> Result<Self, SavedError> {
        let mut session = options.clone().application_name("sextant").connect().await?;
        sqlx::raw_sql("set timezone to 'UTC'; begin").execute(&mut session).await?;
        Ok(Self { session })
    }

    /// Reads one part and brings it back; the rows it has. A table that this store does not have is passed over.
    ///
    /// # Errors
    ///
    /// When the database refuses it, or it cannot be read.
    pub async fn read(&mut self, part: Part, csv: &mut (dyn io::Read + Send)) -> Result<u64, SavedError> {
        if let Part::Table(table) = part
            && !is_there(&mut self.session, table).await?
        {
            return Ok(0);
        }
        let header = header(csv)?;
        let columns: Vec<&str> = header.trim_end().split(',').collect();
        if columns.iter().any(|name| name.is_empty() || !name.bytes().all(is_plain)) {
            return Err(SavedError::Header { part: part.name() });
        }
        let texts: Vec<String> = columns.iter().map(|name| format!("{name} text")).collect();
        let make = format!("drop table if exists saved; create temporary table saved ({})", texts.join(", "));
        sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut self.session).await?;
        let mut copy = self.session.copy_in_raw("copy saved from stdin (format csv)").await?;
        let mut piece = vec![0; 64 << 10];
        loop {
            match csv.read(&mut piece) {
                Ok(0) => break,
                Ok(length) => drop(copy.send(&piece[..length]).await?),
                Err(error) => {
                    copy.abort("the backup cannot be read").await?;
                    return Err(error.into());
                }
            }
        }
        let rows = copy.finish().await?;
        for statement in self.taking_in(part, &columns).await? {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut self.session).await?;
        }
        Ok(rows)
    }

    /// Makes it so.
    ///
    /// # Errors
    ///
    /// When the database is away; then nothing is there.
    pub async fn commit(mut self) -> Result<(), SavedError> {
        sqlx::raw_sql("commit").execute(&mut self.session).await?;
        Ok(self.session.close().await?)
    }

    /// How the rows of `saved` come into the tables.
    async fn taking_in(&mut self, part: Part, saved: &[&str]) -> Result<Vec<String>, SavedError> {
        Ok(match part {
            Part::Table(table) => {
                let columns: Vec<(String, String, bool)> = sqlx::query_as(
                    "select quote_ident(attname), format_type(atttypid, atttypmod), attidentity <> ''
                     from pg_attribute
                     where attrelid = $1::regclass and 0 < attnum and not attisdropped and attgenerated = ''",
                )
                .bind(table)
                .fetch_all(&mut self.session)
                .await?;
                // What is numbered by the database gets new numbers.
                let known = columns
                    .iter()
                    .filter(|(name, _, is_numbered)| !is_numbered && saved.contains(&name.trim_matches('"')));
                let (names, values): (Vec<_>, Vec<_>) =
                    known.map(|(name, kind, _)| (name.as_str(), format!("{name}::{kind}"))).unzip();
                let (names, values) = (names.join(", "), values.join(", "));
                vec![
                    format!("delete from {table}"),
                    format!(
                        "insert into {table} ({names}) select {values} from saved on conflict do nothing"
                    ),
                ]
            }
            Part::Capsules => vec![CAPSULES.to_owned()],
            Part::Sites => vec![SITES.to_owned()],
            Part::Pages => vec![PAGES.to_owned(), WAKE.to_owned()],
        })
    }
}

const CAPSULES: &str = "
    insert into capsule (host, port, first_seen)
    select host, port::integer, min(first_seen::timestamptz) from saved group by 1, 2 order by 1, 2
    on conflict (host, port) do update set first_seen = least(capsule.first_seen, excluded.first_seen)";

const SITES: &str = "
    insert into site (capsule, folder, first_seen)
    select k.id, s.folder, min(s.first_seen::timestamptz)
    from saved s join capsule k on (k.host, k.port) = (s.host, s.port::integer) group by 1, 2 order by 1, 2
    on conflict (capsule, folder) do update set first_seen = least(site.first_seen, excluded.first_seen)";

const PAGES: &str = "
    insert into page (capsule, path, folder, first_seen, due_at)
    select k.id, s.path, min(s.folder), min(s.first_seen::timestamptz), clock()
    from saved s join capsule k on (k.host, k.port) = (s.host, s.port::integer) group by 1, 2 order by 1, 2
    on conflict (capsule, path) do update set first_seen = excluded.first_seen
    where excluded.first_seen < page.first_seen";

/// Capsules with something due that nobody has asked for a turn.
const WAKE: &str = "
    update capsule k set due_at = greatest(clock(), k.next_at, k.breaker_until)
    where k.due_at is null and exists (select from page p where p.capsule = k.id and p.due_at is not null)";

async fn is_there(session: &mut PgConnection, table: &str) -> Result<bool, SavedError> {
    let found: bool =
        sqlx::query_scalar("select to_regclass($1) is not null").bind(table).fetch_one(session).await?;
    Ok(found)
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

/// The first line, byte by byte: what comes after it belongs to COPY.
fn header(csv: &mut (dyn io::Read + Send)) -> io::Result<String> {
    /// No table of ours has so many columns.
    const LONGEST: usize = 8_192;
    let mut line = Vec::new();
    let mut byte = [0];
    while line.len() < LONGEST && csv.read(&mut byte)? == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    String::from_utf8(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
