//! Where the programs of Postgres are, and the user they run as.
//!
//! A folder that exists decides: its `PG_VERSION` names the programs, its owner names the user. A new one
//! takes the configured programs, else those on the PATH, else the highest version that the system holds. A
//! setting that names programs of another version than made the folder is passed over: after a move to a new
//! version it may be the old one's.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Uid, User};
use tokio::process::Command;

use super::trouble::ClusterError;

/// The oldest major version whose SQL we use.
const OLDEST: u32 = 14;

/// Folders whose children are one folder per version, each with a `bin`.
const VERSIONED: [&str; 3] = ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/postgresql"];

/// Found programs.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    bin: PathBuf,
    version: u32,
    account: Option<Account>,
}

/// Another user to run as: root cannot run Postgres.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: Uid,
    pub(super) gid: Gid,
}

impl Programs {
    /// Finds programs for the data folder `data`, made or to be made.
    pub(super) async fn find(setting: Option<&Path>, data: &Path) -> Result<Self, ClusterError> {
        let account = Account::to_run_as(data)?;
        let wanted = made_by(data);
        if let Some(folder) = setting {
            let Some(version) = version_of(folder).await else {
                return Err(ClusterError::BadPrograms { folder: folder.to_owned() });
            };
            // A move to another version may have come after the setting: data decide.
            if wanted.is_none_or(|wanted| wanted == version) {
                return Ok(Self { bin: folder.to_owned(), version, account });
            }
        }
        for bin in candidates() {
            let Some(version) = version_of(&bin).await else { continue };
            if wanted.map_or(OLDEST <= version, |wanted| wanted == version) {
                return Ok(Self { bin, version, account });
            }
        }
        Err(wanted.map_or(ClusterError::NoPrograms, |wanted| ClusterError::MissingVersion {
            folder: data.to_owned(),
            wanted,
        }))
    }

    /// The programs of the highest version there is, wherever they are: for a new version, and for a database
    /// elsewhere whose version is not known.
    pub(super) async fn newest(setting: Option<&Path>, data: &Path) -> Result<Self, ClusterError> {
        let account = Account::to_run_as(data)?;
        if let Some(folder) = setting {
            let version = version_of(folder).await;
            let version = version.ok_or_else(|| ClusterError::BadPrograms { folder: folder.to_owned() })?;
            return Ok(Self { bin: folder.to_owned(), version, account });
        }
        let mut newest: Option<(u32, PathBuf)> = None;
        for bin in candidates() {
            let Some(version) = version_of(&bin).await else { continue };
            if newest.as_ref().is_none_or(|(highest, _)| *highest < version) {
                newest = Some((version, bin));
            }
        }
        let (version, bin) = newest.ok_or(ClusterError::NoPrograms)?;
        Ok(Self { bin, version, account })
    }

    /// The same version with `pg_dump` and `pg_restore` beside its server: a folder on the PATH may have only some.
    pub(super) async fn that_dump(self) -> Result<Self, ClusterError> {
        if holds_dump(&self.bin) {
            return Ok(self);
        }
        for bin in candidates().into_iter().filter(|bin| holds_dump(bin)) {
            if version_of(&bin).await == Some(self.version) {
                return Ok(Self { bin, ..self });
            }
        }
        Err(ClusterError::NoDump { version: self.version })
    }

    /// Run by whoever we are: only a server refuses root.
    pub(super) fn run_by_us(self) -> Self {
        Self { account: None, ..self }
    }

    /// Their major version.
    pub(super) const fn version(&self) -> u32 {
        self.version
    }

    /// Their folder.
    pub(super) fn folder(&self) -> &Path {
        &self.bin
    }

    /// The user to run as, when it is not ourselves.
    pub(super) const fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// The uid that owns the database.
    pub(super) fn uid(&self) -> Uid {
        self.account.as_ref().map_or_else(Uid::effective, |account| account.uid)
    }

    /// The path of a program.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// A command that runs a program as the right user, in the folder `work`, with nothing of our environment:
    /// a stray `PGDATA` or a locale changes nothing.
    pub(super) fn command(&self, name: &str, work: &Path) -> Command {
        let mut command = Command::new(self.path(name));
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir(work);
        if let Some(account) = &self.account {
            // Setting the uid as root also drops root's supplementary groups.
            command.uid(account.uid.as_raw()).gid(account.gid.as_raw());
        }
        command
    }
}

impl Account {
    /// Who runs Postgres: ourselves, or, when we are root, the owner of the data, else of the folder they
    /// will lie in if that is `sextant`, else `postgres`, else `nobody`.
    fn to_run_as(data: &Path) -> Result<Option<Self>, ClusterError> {
        let owner = fs::metadata(data).ok().map(|found| found.uid());
        if !Uid::effective().is_root() {
            return match owner {
                Some(owner) if owner != Uid::effective().as_raw() => {
                    Err(ClusterError::NotOurs { folder: data.to_owned(), owner })
                }
                _ => Ok(None),
            };
        }
        if let Some(owner) = owner.filter(|&owner| owner != 0) {
            return User::from_uid(Uid::from_raw(owner))
                .ok()
                .flatten()
                .map(|user| Some(Self::from(user)))
                .ok_or_else(|| ClusterError::NotOurs { folder: data.to_owned(), owner });
        }
        let owner_above =
            data.ancestors().find_map(|folder| fs::metadata(folder).ok()).map_or(0, |found| found.uid());
        let sextant = known("sextant").filter(|user| user.uid.as_raw() == owner_above);
        let user = sextant.or_else(|| known("postgres")).or_else(|| known("nobody"));
        user.map(|user| Some(Self::from(user)))
            .ok_or_else(|| ClusterError::NotOurs { folder: data.to_owned(), owner: 0 })
    }
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        Self { name: user.name, uid: user.uid, gid: user.gid }
    }
}

fn known(name: &str) -> Option<User> {
    User::from_name(name).ok().flatten()
}

/// The major version that made the data folder, if there is one.
pub(super) fn made_by(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// Folders that may hold the programs: the PATH first, then the versioned ones, highest version first.
fn candidates() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = env::split_paths(&path).filter(|bin| holds_programs(bin)).collect();
    let mut versioned: Vec<(u32, PathBuf)> = VERSIONED
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .filter_map(|entry| Some((number(&entry.file_name())?, entry.path().join("bin"))))
        .filter(|(_, bin)| holds_programs(bin))
        .collect();
    versioned.sort_by(|one, other| other.cmp(one));
    found.extend(versioned.into_iter().map(|(_, bin)| bin));
    found
}

fn number(name: &OsStr) -> Option<u32> {
    name.to_str()?.parse().ok()
}

fn holds_programs(bin: &Path) -> bool {
    bin.join("postgres").is_file() && bin.join("initdb").is_file()
}

fn holds_dump(bin: &Path) -> bool {
    bin.join("pg_dump").is_file() && bin.join("pg_restore").is_file()
}

/// The major version of the programs in `bin`, by asking them: `postgres (PostgreSQL) 15.14 (Debian ...)`.
async fn version_of(bin: &Path) -> Option<u32> {
    if !holds_programs(bin) {
        return None;
    }
    let output =
        Command::new(bin.join("postgres")).arg("--version").kill_on_drop(true).output().await.ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

fn major(said: &str) -> Option<u32> {
    let number =
        said.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number.split(|other: char| !other.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, expected: Option<u32>) {
        assert_eq!(major(said), expected, "{said:?}");
    }

    #[test]
    fn the_version_is_read_from_what_the_program_says() {
        check("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n", Some(15));
        check("postgres (PostgreSQL) 18beta1\n", Some(18));
        check("postgres (PostgreSQL) 17.2\n", Some(17));
        check("", None);
        check("sh: not found", None);
    }

    #[tokio::test]
    async fn a_folder_without_programs_is_named_in_the_error() {
        let empty = tempfile::tempdir().expect("a folder");
        let error =
            Programs::find(Some(empty.path()), &empty.path().join("data")).await.expect_err("no programs");
        assert!(error.to_string().contains(&*empty.path().to_string_lossy()), "{error}");
    }

    #[tokio::test]
    async fn data_of_a_version_that_is_not_installed_are_left_alone() {
        let data = tempfile::tempdir().expect("a folder");
        fs::write(data.path().join("PG_VERSION"), "7\n").expect("a version");
        let error = Programs::find(None, data.path()).await.expect_err("nobody has Postgres 7");
        assert!(matches!(error, ClusterError::MissingVersion { wanted: 7, .. }), "{error}");
    }
}
