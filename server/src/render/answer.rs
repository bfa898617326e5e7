//! What a screen answers, before any tongue.

use super::problem::Problem;
use super::view::View;

/// An answer.
pub enum Answer {
    /// A screen.
    Page(Page),
    /// A file of ours.
    File(File),
    /// Something for programs.
    Data(Data),
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

/// Something for programs: a feed, an answer of the interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// Its type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whose pages may read it.
    pub readers: Readers,
    /// Why it is not what was asked for; none for what was.
    pub problem: Option<Problem>,
}

/// Whose pages may read what programs get: over the web a page reads only what its own site serves, unless it
/// is told that anybody may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Those of any site.
    Anybody,
    /// Our own.
    OurPages,
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
