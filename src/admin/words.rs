//! Words that several acts answer with.

use shared::store::asked::job::Asked;

/// What becomes of what was asked for.
pub(super) fn job(asked: Asked) -> String {
    match asked {
        Asked::New(job) => format!("job {job} will do it"),
        Asked::Open(job) => format!("job {job} has been asked for that already, and will do it"),
    }
}
