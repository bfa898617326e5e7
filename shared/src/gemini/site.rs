//! A site: a capsule, or one user's part of it.
//!
//! On shared machines people live in folders (`/~n/`, `/users/n/`, `/user/n/`, `/u/n/`). Standing, budgets,
//! results and ownership go by site; leases, pace and TLS go by capsule.

use std::fmt;

use super::host::CapsuleAddr;

/// Folders whose sub-folders are users' sites.
const USER_FOLDERS: [&str; 3] = ["/users/", "/user/", "/u/"];

/// A capsule, or one user's folder of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    capsule: CapsuleAddr,
    folder: String,
}

impl Site {
    /// A site from its parts; the folder begins and ends with `/`.
    #[must_use]
    pub fn new(capsule: CapsuleAddr, folder: &str) -> Self {
        Self { capsule, folder: folder.to_owned() }
    }

    /// The site that a path of a capsule belongs to.
    #[must_use]
    pub fn at(capsule: CapsuleAddr, path: &str) -> Self {
        Self::new(capsule, user_folder(path).unwrap_or("/"))
    }

    /// Its capsule.
    #[must_use]
    pub const fn capsule(&self) -> &CapsuleAddr {
        &self.capsule
    }

    /// Its folder: `/`, or a user's, such as `/~n/`.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }
}

/// The user's folder that a path lies in.
fn user_folder(path: &str) -> Option<&str> {
    let prefix = if path.starts_with("/~") {
        2
    } else {
        USER_FOLDERS.iter().find(|folder| path.starts_with(**folder))?.len()
    };
    let name = path.get(prefix..)?;
    match name.find('/') {
        Some(0) | None => None,
        Some(end) => path.get(..=prefix + end),
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.folder == "/" {
            write!(f, "{}", self.capsule)
        } else {
            write!(f, "{}{}", self.capsule, self.folder)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_sites_of_their_own() {
        for (path, folder) in [
            ("/", "/"),
            ("/a/b.gmi", "/"),
            ("/~ann/log/1.gmi", "/~ann/"),
            ("/~ann/", "/~ann/"),
            ("/~ann", "/"),
            ("/users/ann/x", "/users/ann/"),
            ("/users/", "/"),
            ("/user/ann/", "/user/ann/"),
            ("/u/ann/x", "/u/ann/"),
            ("/under/ann/x", "/"),
        ] {
            let capsule: CapsuleAddr = "h".parse().expect("a capsule");
            assert_eq!(Site::at(capsule, path).folder(), folder, "{path}");
        }
    }
}
