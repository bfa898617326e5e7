//! Root starts Sextant, `sextant` runs it.
//!
//! Postgres refuses to run as root, and whoever reads pages of strangers should not be root. So the program
//! starts itself again as the user `sextant`, through `/proc/self/exe`: a build in root's home cannot be
//! reached by its name.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Uid, User};

/// The user that runs everything when root starts it.
const USER: &str = "sextant";

/// Why the program cannot run as another user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    /// There is no such user.
    #[error(
        "sextant does not run as root, and there is no user `{USER}`: start it with deploy/up, or make one with `useradd --system --user-group --home-dir /var/lib/sextant {USER}`"
    )]
    NoUser,
    /// The state folder is somebody else's.
    #[error("the state folder {} belongs to uid {owner}, not to the user `{USER}`", .folder.display())]
    NotTheirs {
        /// The folder.
        folder: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// The state folder cannot be made or handed over.
    #[error("the state folder {} cannot be made for the user `{USER}`", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The program could not be started again.
    #[error("the program cannot be run as the user `{USER}`: make it readable and executable for all")]
    Exec(#[source] io::Error),
}

/// For what runs components: as root, makes the state folder theirs and becomes `sextant`. Returns only
/// when there is nothing to do, or with the reason why it cannot be done.
pub(crate) fn leave_root(state: &Path) -> Result<(), IdentityError> {
    if !Uid::effective().is_root() {
        return Ok(());
    }
    let user = User::from_name(USER).ok().flatten().ok_or(IdentityError::NoUser)?;
    let failed = |source| IdentityError::Folder { folder: state.to_owned(), source };
    fs::create_dir_all(state).map_err(failed)?;
    let owner = fs::metadata(state).map_err(failed)?.uid();
    let is_empty = || fs::read_dir(state).is_ok_and(|mut entries| entries.next().is_none());
    if owner == 0 && is_empty() {
        chown(state, Some(user.uid.as_raw()), Some(user.gid.as_raw())).map_err(failed)?;
    } else if owner != user.uid.as_raw() {
        return Err(IdentityError::NotTheirs { folder: state.to_owned(), owner });
    }
    Err(become_user(&user))
}

/// For what only looks: as root, becomes `sextant` where the state is theirs, so that nothing made on the
/// way belongs to root.
pub(crate) fn follow_owner(state: &Path) -> Result<(), IdentityError> {
    let user = User::from_name(USER).ok().flatten().filter(|_| Uid::effective().is_root());
    let owner = fs::metadata(state).ok().map(|found| found.uid());
    match user.filter(|user| owner == Some(user.uid.as_raw())) {
        Some(user) => Err(become_user(&user)),
        None => Ok(()),
    }
}

fn become_user(user: &User) -> IdentityError {
    let mut command = Command::new("/proc/self/exe");
    command
        .args(std::env::args_os().skip(1))
        .env("HOME", &user.dir)
        .env("USER", &user.name)
        .env("LOGNAME", &user.name)
        .env_remove("XDG_STATE_HOME")
        .env_remove("XDG_RUNTIME_DIR")
        // Setting the uid as root also drops root's supplementary groups.
        .uid(user.uid.as_raw())
        .gid(user.gid.as_raw());
    IdentityError::Exec(command.exec())
}
