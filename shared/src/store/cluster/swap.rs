//! One cluster's folder in the place of another, in one step: at no moment is there none, for a start that
//! finds none makes an empty database.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};

use super::folder;
use super::postmaster;
use super::trouble::ClusterError;

/// Puts the stopped cluster `new` at `live` and keeps what was there under the name that is returned, with
/// `ending` after its own.
///
/// # Errors
///
/// When the folders cannot be renamed; then everything is as it was.
pub fn put_in_place(new: &Path, live: &Path, ending: &str) -> Result<Option<PathBuf>, ClusterError> {
    let kept = if live.exists() {
        exchange(new, live)?;
        let kept = unused(live, ending);
        fs::rename(new, &kept).map_err(ClusterError::folder("put aside", new))?;
        Some(kept)
    } else {
        fs::rename(new, live).map_err(ClusterError::folder("put in place", new))?;
        None
    };
    let parent = live.parent().unwrap_or(Path::new("/"));
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(ClusterError::folder("sync", parent))?;
    Ok(kept)
}

/// Stops whatever postmaster lives in `folder`: one that outlived its supervisor. The caller knows that
/// nobody uses it.
///
/// # Errors
///
/// When it lives on in spite of all signals.
pub async fn end_survivor(folder: &Path) -> Result<(), ClusterError> {
    let Ok(data) = folder.join("data").canonicalize() else { return Ok(()) };
    match postmaster::living(data) {
        Some(mut survivor) => survivor.stop().await,
        None => Ok(()),
    }
}

/// Removes a cluster's folder that an interrupted restore or move has left, with its postmaster.
///
/// # Errors
///
/// When it cannot be removed.
pub async fn remove(folder: &Path) -> Result<(), ClusterError> {
    end_survivor(folder).await?;
    folder::remove_folder(folder)
}

/// Both names in one step, where the file system can; else in two, with the shortest moment between them.
fn exchange(new: &Path, live: &Path) -> Result<(), ClusterError> {
    match renameat2(AT_FDCWD, new, AT_FDCWD, live, RenameFlags::RENAME_EXCHANGE) {
        Ok(()) => Ok(()),
        Err(Errno::EINVAL | Errno::ENOSYS | Errno::ENOTSUP) => {
            let aside = unused(live, "aside");
            fs::rename(live, &aside).map_err(ClusterError::folder("put aside", live))?;
            fs::rename(new, live).map_err(ClusterError::folder("put in place", new))?;
            fs::rename(&aside, new).map_err(ClusterError::folder("put aside", &aside))
        }
        Err(error) => Err(ClusterError::folder("put in place", new)(error.into())),
    }
}

/// `postgres.before`, or `postgres.before-2` where that is taken.
fn unused(live: &Path, ending: &str) -> PathBuf {
    let name = live.file_name().unwrap_or_default().to_string_lossy();
    let first = std::iter::once(format!("{name}.{ending}"));
    let names = first.chain((2_u32..).map(|number| format!("{name}.{ending}-{number}")));
    let mut free = names.map(|name| live.with_file_name(name)).filter(|path| !path.exists());
    free.next().unwrap_or_else(|| live.with_extension(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let live = folder.path().join("postgres");
        let make = |number: u32| {
            let new = folder.path().join("new");
            fs::create_dir(&new).expect("a folder");
            fs::write(new.join("number"), number.to_string()).expect("a file");
            put_in_place(&new, &live, "before").expect("a swap")
        };
        let number = |path: &Path| fs::read_to_string(path.join("number")).expect("a number");
        assert_eq!(make(1), None);
        let first = make(2).expect("the first is kept");
        let second = make(3).expect("the second is kept");
        assert_eq!(first, folder.path().join("postgres.before"));
        assert_eq!(second, folder.path().join("postgres.before-2"));
        assert_eq!([&first, &second, &live].map(|path| number(path)), ["1", "2", "3"]);
        assert!(!folder.path().join("new").exists());
    }
}
