//! Where the token is typed: all that somebody without one gets to see of the desk on the web.

use super::board::Mood;
use crate::render::answer::Page;
use crate::render::view::view;

/// The view.
#[derive(Debug)]
pub struct Login {
    /// What there is to say.
    pub told: String,
    /// Whether that is good.
    pub mood: Mood,
}

view!(Login, "desk/login/page.gmi", "desk/login/page.html");

impl Login {
    /// For somebody who has typed nothing yet.
    #[must_use]
    pub fn asked() -> Page {
        Page::new(Self { told: "Type the token to open it.".to_owned(), mood: Mood::Plain })
    }

    /// For somebody who did not get in.
    #[must_use]
    pub fn refused(told: impl Into<String>) -> Page {
        Page::new(Self { told: told.into(), mood: Mood::Trouble })
    }
}
