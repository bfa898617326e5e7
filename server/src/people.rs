//! Who is asking: witnesses, not flags.
//!
//! A function that only an admin may call asks for an [`Admin`]; there is no way to call it without one, and
//! the few places that can make one are listed in `tests/borders.rs`.

pub mod allowance;
pub mod keyring;
pub mod visitor;

use std::fmt;

use keyring::Pin;
pub use visitor::Visitor;

/// Someone who may decide what this engine does. Made only where that has been proved: by the command line
/// of the machine, a pinned client certificate, or the desk's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    name: String,
}

impl Admin {
    /// Whoever can run the program with the engine's own configuration is its admin.
    #[must_use]
    pub fn at_the_console(user: &str) -> Self {
        Self { name: format!("console:{user}") }
    }

    /// Whoever proved to have the key of a certificate that is pinned.
    #[must_use]
    pub fn pinned(pin: &Pin) -> Self {
        let Pin { name, fingerprint } = pin;
        if !name.is_empty() {
            return Self { name: format!("certificate:{name}") };
        }
        let digits: String = fingerprint.to_string().chars().take(16).collect();
        Self { name: format!("certificate:{digits}") }
    }

    /// Whoever typed the web desk's token.
    #[must_use]
    pub fn by_token() -> Self {
        Self { name: "web desk".to_owned() }
    }
}

/// The name that stands in the audit log.
impl fmt::Display for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
