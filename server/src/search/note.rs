//! What has to be said of a query: what was cut, what was not understood.

use std::fmt;

/// Something about the query that a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The query was longer than is read.
    Shortened,
    /// More words than are searched for; the first ones were taken.
    TooManyWords,
    /// More words with `*` than are searched for so; the others were taken as they stand.
    TooManyBeginnings,
    /// A word with `*` of one letter, with which too much begins; it was taken as it stands.
    ShortBeginning(String),
    /// Parentheses deeper than are followed.
    TooDeep,
    /// An operator whose value makes no sense; it was searched as words.
    NotUnderstood(String),
    /// A word that cannot stand alone, such as `OR` at the end; left out.
    LeftOut(String),
    /// There is no word and no filter in the query.
    NothingToSearch,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shortened => f.write_str("The query was cut after 512 characters."),
            Self::TooManyWords => f.write_str("Only the first 32 words were searched for."),
            Self::TooManyBeginnings => f.write_str(
                "Only the first 3 words with * were taken for beginnings, the others as they stand.",
            ),
            Self::ShortBeginning(text) => {
                write!(f, "A beginning has two letters or more; searched for as it stands: {text}")
            }
            Self::TooDeep => f.write_str("Parentheses deeper than 8 were not followed."),
            Self::NotUnderstood(text) => write!(f, "Not understood and searched as words: {text}"),
            Self::LeftOut(text) => write!(f, "Left out, for it stands alone: {text}"),
            Self::NothingToSearch => f.write_str("There is no word in the query."),
        }
    }
}
