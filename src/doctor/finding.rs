//! What one look of the doctor found.

/// What one look found.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) what: &'static str,
    pub(super) state: State,
    pub(super) words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// As it should be.
    Fine,
    /// It works, and somebody should know.
    Notable,
    /// It does not work.
    Trouble,
}

impl Finding {
    pub(super) fn fine(what: &'static str, words: impl Into<String>) -> Self {
        Self { what, state: State::Fine, words: words.into() }
    }

    pub(super) fn notable(what: &'static str, words: impl Into<String>) -> Self {
        Self { what, state: State::Notable, words: words.into() }
    }

    pub(super) fn trouble(what: &'static str, words: impl Into<String>) -> Self {
        Self { what, state: State::Trouble, words: words.into() }
    }
}
