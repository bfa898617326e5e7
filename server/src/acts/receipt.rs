//! What an act answers.

use shared::store::asked::job::Asked;

/// The answer of an act that a process will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The job that will do it, and whether it is a new one.
    pub job: Asked,
}
