//! Where everything lies: the state folder, and the names inside it.
//!
//! A folder that was given is used as it is. Without one, each kind of run has a folder of its own below the
//! default, so that pages of a simulated space never stand among real ones; `up` notes which one it used
//! last, and the other subcommands follow.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use shared::store::register::Register;

/// The note of the folder that `up` used last.
const NOTE: &str = "last-used";

/// The state folder and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Places {
    state: PathBuf,
}

/// What a run crawls; each kind keeps its state apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// What the configuration says: the public space.
    Public,
    /// A folder of capsules, served by ourselves.
    Folder(PathBuf),
    /// A generated space, served by ourselves.
    Generated,
}

impl Places {
    /// In a folder that was given.
    pub(crate) const fn given(state: PathBuf) -> Self {
        Self { state }
    }

    /// The folder for a run of this kind, below the default one.
    pub(crate) fn for_plan(plan: &Plan) -> Self {
        let name = match plan {
            Plan::Public => "public".to_owned(),
            Plan::Folder(folder) => {
                let words: String = folder
                    .to_string_lossy()
                    .chars()
                    .map(|char| if char.is_ascii_alphanumeric() { char } else { '-' })
                    .collect();
                let words = words.trim_matches('-');
                // The end tells folders apart; a name has 255 bytes.
                format!("space-{}", &words[words.len().saturating_sub(80)..])
            }
            Plan::Generated => "generated".to_owned(),
        };
        Self { state: default_folder().join(name) }
    }

    /// The folder that `up` used last; before any `up`, the one it would use.
    pub(crate) fn last_used(otherwise: &Plan) -> Self {
        let default = default_folder();
        let noted = fs::read_to_string(default.join(NOTE)).ok().map(|name| default.join(name.trim()));
        noted.filter(|folder| folder.is_dir()).map_or_else(|| Self::for_plan(otherwise), Self::given)
    }

    /// Notes this folder as the one that was used last, if it is below the default one.
    pub(crate) fn note(&self) {
        if let (Some(folder), Some(name)) = (self.state.parent(), self.state.file_name())
            && folder == default_folder()
        {
            // Without the note, the others need `--state`: no reason not to start.
            let _unnoted = fs::write(folder.join(NOTE), name.as_encoded_bytes());
        }
    }

    /// The state folder itself.
    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// The private Postgres.
    pub(crate) fn postgres(&self) -> PathBuf {
        self.state.join("postgres")
    }

    /// The index and what lies beside it.
    pub(crate) fn index(&self) -> PathBuf {
        self.state.join("index")
    }

    /// What was removed for good.
    pub(crate) fn register(&self) -> Register {
        Register::within(&self.state)
    }

    /// The crawler's identity.
    pub(crate) fn crawler(&self) -> PathBuf {
        self.state.join("crawler")
    }

    /// The server's certificate and key.
    pub(crate) fn server(&self) -> PathBuf {
        self.state.join("server")
    }

    /// The log of a run in a terminal.
    pub(crate) fn log(&self) -> PathBuf {
        self.state.join("sextant.log")
    }

    /// The routes to a space that we serve ourselves.
    pub(crate) fn routes(&self) -> PathBuf {
        self.state.join("routes")
    }

    /// Where the processes of this folder tell each other of themselves.
    pub(crate) fn told(&self) -> PathBuf {
        self.state.join("told")
    }

    /// What was told to the admin.
    pub(crate) fn notices(&self) -> PathBuf {
        self.state.join("notices.json")
    }

    /// When components were started.
    pub(crate) fn starts(&self) -> PathBuf {
        self.state.join("starts")
    }

    /// The lock of a process of ours.
    pub(crate) fn lock(&self, name: &str) -> PathBuf {
        self.state.join(format!("{name}.lock"))
    }
}

/// `/var/lib/sextant` for root and for the user of that name, else where a user's programs keep their state.
pub(crate) fn default_folder() -> PathBuf {
    let system = PathBuf::from("/var/lib/sextant");
    let own = nix::unistd::User::from_uid(nix::unistd::Uid::effective()).ok().flatten();
    if own.is_none_or(|user| matches!(user.name.as_str(), "root" | "sextant")) {
        return system;
    }
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_STATE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".local/state")))
        .map_or(system, |folder| folder.join("sextant"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_run_has_a_state_of_its_own() {
        let folders = [
            Plan::Public,
            Plan::Generated,
            Plan::Folder("/srv/one".into()),
            Plan::Folder("/srv/two".into()),
            Plan::Folder(format!("/srv/{}", "long/".repeat(100)).into()),
        ]
        .map(|plan| Places::for_plan(&plan).state);
        let distinct: std::collections::BTreeSet<_> = folders.iter().collect();
        assert_eq!(distinct.len(), folders.len(), "{folders:?}");
        assert!(folders[2].ends_with("space-srv-one"), "{folders:?}");
    }
}
