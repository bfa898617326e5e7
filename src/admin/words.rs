//! Words that several acts answer with.

use server::render::phrase::grouped;
use shared::store::asked::job::Asked;

/// What becomes of what was asked for.
pub(super) fn job(asked: Asked) -> String {
    match asked {
        Asked::New(job) => format!("job {job} will do it"),
        Asked::Open(job) => format!("job {job} has been asked for that already, and will do it"),
    }
}

/// So many of something: `1 page`, `1,204 pages`.
pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(count), if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_told_from_several() {
        assert_eq!([counted(1, "page"), counted(1_204, "page")], ["1 page", "1,204 pages"]);
    }
}
