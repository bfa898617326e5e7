//! Words that several acts answer with.

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

/// A number with a comma after each third digit.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_threes() {
        assert_eq!([7, 999, 1_000, 1_234_567].map(grouped), ["7", "999", "1,000", "1,234,567"]);
        assert_eq!([counted(1, "page"), counted(1_204, "page")], ["1 page", "1,204 pages"]);
    }
}
