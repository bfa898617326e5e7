//! What a screen answers, before any tongue.

use super::view::View;

/// An answer.
pub enum Answer {
    /// A screen.
    Page(Page),
    /// A file of ours.
    File(File),
    /// A line of words is wanted. On the web the page with the form is shown instead.
    Input {
        /// What is asked, on one line.
        prompt: &'static str,
        /// The page with the form.
        form: Page,
    },
    /// Another path of ours.
    Redirect(String),
}

/// A screen with what its door must know of it.
pub struct Page {
    /// Its content.
    pub view: Box<dyn View>,
    /// Whether web indexes may list it.
    pub listing: Listing,
}

/// Whether web indexes may list a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Home and help.
    Welcome,
    /// Everything else: results of a search engine are no content for another.
    Unwanted,
}

/// A file of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Its type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

impl Page {
    /// A screen that is only for people.
    #[must_use]
    pub fn new(view: impl View + 'static) -> Self {
        Self { view: Box::new(view), listing: Listing::Unwanted }
    }

    /// A screen that web indexes may list.
    #[must_use]
    pub fn welcome(view: impl View + 'static) -> Self {
        Self { view: Box::new(view), listing: Listing::Welcome }
    }
}
