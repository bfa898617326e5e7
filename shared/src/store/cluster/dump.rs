//! A whole database out of a cluster, and back into one, by Postgres's own `pg_dump` and `pg_restore`.
//!
//! The dump is Postgres's custom format: compressed, and read back by any version that is not older. Both
//! programs speak through pipes, so a dump goes wherever its reader or writer leads: into an archive, or
//! straight into the next cluster. A password never stands in a command line, which all users of a machine
//! can read.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::str::FromStr as _;

use sqlx::PgConnection;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, Command};

use super::folder::{DATABASE, OWNER, PORT, last_words};
use super::postmaster;
use super::programs::Programs;
use super::trouble::ClusterError;
use crate::store::pool::StoreError;

/// Whose a table was does not matter: there is one user.
const OWNERLESS: [&str; 2] = ["--no-owner", "--no-privileges"];

/// Not every Postgres was built with the compression that the tables ask for, so a dump does not ask for it.
const PLAIN: &str = "--no-toast-compression";

/// What the migration `cheap_visit` asks for, where this Postgres was built with it.
const COMPRESSION: &str = "
do $$ begin
    alter table content alter column source set compression lz4, alter column body set compression lz4;
exception when feature_not_supported then
    null;
end $$";

/// How much goes through a pipe at a time.
const PIECE: usize = 64 << 10;

/// Somebody else's transaction that holds a table for longer ends the dump instead of delaying it for ever.
const LOCK_WAIT: &str = "--lock-wait-timeout=60000";

/// The programs, and the database they are for.
#[derive(Debug)]
pub struct Dumper {
    programs: Programs,
    environment: Vec<(&'static str, String)>,
}

/// What a restore finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A database with nothing in it.
    Empty,
    /// A database whose tables are replaced, all or none.
    Replaced,
}

impl Dumper {
    /// For the running private cluster in `folder`, with the programs of its version.
    ///
    /// # Errors
    ///
    /// When it does not run, or its programs are missing.
    pub async fn private(folder: &Path, programs: Option<&Path>) -> Result<Self, ClusterError> {
        let data = folder.join("data");
        let data = data.canonicalize().map_err(ClusterError::folder("find", &data))?;
        let programs = Programs::find(programs, &data).await?.that_dump().await?;
        let socket = postmaster::living_socket(&data)
            .ok_or_else(|| ClusterError::NotRunning { folder: folder.to_owned() })?;
        Ok(Self { programs, environment: socket_environment(&socket) })
    }

    /// For the database of an address such as `postgres://user@host/name`, with the newest programs there are.
    ///
    /// # Errors
    ///
    /// When the programs are missing or the address is none.
    pub async fn outside(url: &str, programs: Option<&Path>) -> Result<Self, ClusterError> {
        let programs =
            Programs::newest(programs, Path::new("/nonexistent")).await?.that_dump().await?.run_by_us();
        let options = PgConnectOptions::from_str(url).map_err(StoreError::Address);
        let options = options.map_err(|source| ClusterError::Address { source: Box::new(source) })?;
        let mut environment = vec![
            ("PGUSER", options.get_username().to_owned()),
            ("PGPORT", options.get_port().to_string()),
            ("PGSSLMODE", ssl_mode(options.get_ssl_mode()).to_owned()),
        ];
        let socket = options.get_socket().map(|socket| socket.display().to_string());
        let host = socket.unwrap_or_else(|| options.get_host().to_owned());
        environment.push(("PGHOST", host));
        if let Some(name) = options.get_database() {
            environment.push(("PGDATABASE", name.to_owned()));
        }
        environment.extend(secrets(url));
        // Where a password may lie.
        environment.extend(std::env::var("HOME").ok().map(|home| ("HOME", home)));
        Ok(Self { programs, environment })
    }

    pub(super) fn of_socket(programs: &Programs, socket: &Path) -> Self {
        Self { programs: programs.clone(), environment: socket_environment(socket) }
    }

    /// Writes the whole database into `out`.
    ///
    /// # Errors
    ///
    /// What `pg_dump` said, or that `out` takes no more.
    pub async fn dump(&self, out: &mut (dyn Write + Send)) -> Result<(), ClusterError> {
        let dumping = command(&self.programs, "pg_dump", &self.environment);
        let mut child =
            start(dumping, &["--format=custom", OWNERLESS[0], OWNERLESS[1], PLAIN, LOCK_WAIT], Pipe::Out)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let copied = async {
            let Some(mut stdout) = stdout else { return Ok(()) };
            let mut piece = vec![0; PIECE];
            loop {
                let length = stdout.read(&mut piece).await?;
                if length == 0 {
                    return Ok(());
                }
                out.write_all(&piece[..length])?;
            }
        };
        let (copied, said) = tokio::join!(copied, heard(stderr));
        copied.map_err(ClusterError::Dump)?;
        ended("pg_dump", child, &said).await
    }

    /// Reads what [`dump`](Self::dump) wrote into the database: all of it or nothing.
    ///
    /// # Errors
    ///
    /// What `pg_restore` said, or that `dump` cannot be read to its end.
    pub async fn restore(&self, dump: &mut (dyn Read + Send), target: Target) -> Result<(), ClusterError> {
        let mut child = start(self.restoring(target), &[], Pipe::In)?;
        let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
        let copied = async move {
            let Some(mut stdin) = stdin else { return Ok(()) };
            let mut piece = vec![0; PIECE];
            loop {
                let length = dump.read(&mut piece)?;
                if length == 0 {
                    return stdin.shutdown().await;
                }
                stdin.write_all(&piece[..length]).await?;
            }
        };
        let (copied, said) = tokio::join!(copied, heard(stderr));
        // A broken pipe only says that the program has ended: why, it says itself.
        ended("pg_restore", child, &said).await?;
        copied.map_err(ClusterError::Dump)
    }

    /// The whole database straight into another one, which is empty.
    pub(super) async fn pour(&self, into: &Self) -> Result<(), ClusterError> {
        // The newer programs read what the older server has, as Postgres advises.
        let dumping = command(&into.programs, "pg_dump", &self.environment);
        let flags = ["--format=custom", "--compress=0", OWNERLESS[0], OWNERLESS[1], PLAIN, LOCK_WAIT];
        let mut from = start(dumping, &flags, Pipe::Out)?;
        let mut to = start(into.restoring(Target::Empty), &[], Pipe::In)?;
        let (stdout, stdin) = (from.stdout.take(), to.stdin.take());
        let (said, answered) = (heard(from.stderr.take()), heard(to.stderr.take()));
        let copied = async move {
            let (Some(mut stdout), Some(mut stdin)) = (stdout, stdin) else { return Ok(()) };
            tokio::io::copy(&mut stdout, &mut stdin).await?;
            stdin.shutdown().await
        };
        let (copied, said, answered) = tokio::join!(copied, said, answered);
        ended("pg_restore", to, &answered).await?;
        ended("pg_dump", from, &said).await?;
        copied.map_err(ClusterError::Dump)
    }

    fn restoring(&self, target: Target) -> Command {
        let mut restoring = command(&self.programs, "pg_restore", &self.environment);
        restoring.args(OWNERLESS).args(["--exit-on-error", "--single-transaction"]);
        if target == Target::Replaced {
            restoring.args(["--clean", "--if-exists"]);
        }
        let database = self.environment.iter().find(|(name, _)| *name == "PGDATABASE");
        restoring.arg("--dbname").arg(database.map_or("", |(_, name)| name));
        restoring
    }
}

/// Has the tables compressed as they were before they went through a dump; what is in them stays as it is.
///
/// # Errors
///
/// When the database is away.
pub async fn compress_as_before(c: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::raw_sql(COMPRESSION).execute(c).await?;
    Ok(())
}

/// Which end of a program is ours.
#[derive(Clone, Copy)]
enum Pipe {
    In,
    Out,
}

fn command(programs: &Programs, name: &str, environment: &[(&'static str, String)]) -> Command {
    let mut command = programs.command(name, Path::new("/"));
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

fn start(mut command: Command, flags: &[&str], pipe: Pipe) -> Result<Child, ClusterError> {
    let program = PathBuf::from(command.as_std().get_program());
    match pipe {
        Pipe::In => command.stdin(Stdio::piped()).stdout(Stdio::null()),
        Pipe::Out => command.stdin(Stdio::null()).stdout(Stdio::piped()),
    };
    command
        .args(flags)
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| ClusterError::Run { program, source })
}

/// What a program says, to its end.
async fn heard(stderr: Option<ChildStderr>) -> String {
    let mut said = Vec::new();
    if let Some(mut stderr) = stderr {
        // What cannot be read cannot be told: the exit code still decides.
        let _silent = stderr.read_to_end(&mut said).await;
    }
    String::from_utf8_lossy(&said).into_owned()
}

async fn ended(program: &'static str, mut child: Child, said: &str) -> Result<(), ClusterError> {
    match child.wait().await {
        Ok(status) if status.success() => Ok(()),
        _ => Err(ClusterError::Copy { program, said: last_words(said) }),
    }
}

fn socket_environment(socket: &Path) -> Vec<(&'static str, String)> {
    vec![
        ("PGHOST", socket.display().to_string()),
        ("PGPORT", PORT.to_string()),
        ("PGUSER", OWNER.to_owned()),
        ("PGDATABASE", DATABASE.to_owned()),
    ]
}

/// The password of an address, and the certificates it names.
fn secrets(url: &str) -> Vec<(&'static str, String)> {
    let Ok(url) = url::Url::parse(url) else { return Vec::new() };
    let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut secrets = Vec::new();
    secrets.extend(url.password().map(|password| ("PGPASSWORD", plain(password))));
    for (name, value) in url.query_pairs() {
        let variable = match &*name {
            "password" => "PGPASSWORD",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            _ => continue,
        };
        secrets.push((variable, value.into_owned()));
    }
    secrets
}

const fn ssl_mode(mode: PgSslMode) -> &'static str {
    match mode {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_by_the_environment() {
        let found = secrets("postgres://u:p%40ss@db.example/x?sslrootcert=/ca.pem&other=1");
        assert_eq!(found, [("PGPASSWORD", "p@ss".to_owned()), ("PGSSLROOTCERT", "/ca.pem".to_owned())]);
        assert_eq!(secrets("postgres://u@db.example/x"), []);
    }
}
