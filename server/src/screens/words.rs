//! Pages of words: only templates, and who runs this copy.

use crate::app::App;
use crate::ask::Tongue;
use crate::paths;
use crate::render::answer::{Answer, Page};
use crate::render::view::view;
use crate::search::{PageNumber, Verbosity};

/// What this is.
#[derive(Debug)]
pub struct About {
    /// The name of this copy.
    pub host: String,
}

/// How to search, with examples that work.
#[derive(Debug)]
pub struct Help {
    /// Each operator with an example and what it finds.
    pub examples: Vec<Example>,
}

/// One operator.
#[derive(Debug)]
pub struct Example {
    /// The words to search for.
    pub words: &'static str,
    /// What that finds.
    pub finds: &'static str,
    /// The link in gemtext.
    pub gemtext: String,
    /// The link in HTML.
    pub html: String,
}

/// What is kept of whom.
#[derive(Debug)]
pub struct Privacy {
    /// How to reach whoever runs this copy.
    pub contact: Option<String>,
}

/// Who crawls, how, and how to stop it.
#[derive(Debug)]
pub struct Crawler {
    /// The name of this copy.
    pub host: String,
    /// Who runs it.
    pub operator: Option<String>,
    /// How to reach them.
    pub contact: Option<String>,
}

view!(About, "about/page.gmi", "about/page.html");
view!(Help, "help/page.gmi", "help/page.html");
view!(Privacy, "privacy/page.gmi", "privacy/page.html");
view!(Crawler, "crawler/page.gmi", "crawler/page.html");

/// What can be typed, in the order in which people need it.
const EXAMPLES: &[(&str, &str)] = &[
    ("red panda", "pages with both words; where too few have both, most of them, and it says so"),
    ("\"small web\"", "the words side by side, in this order"),
    ("garden -vegetables", "without a word; works with every filter too, and NOT is the same"),
    ("tea OR coffee", "either word; group with ( and )"),
    ("astro*", "words that begin so"),
    (
        "site:geminiprotocol.net specification",
        "on one capsule, or in one user's part of it: site:example.org/~ann/",
    ),
    ("domain:tilde.team music", "on a domain and everything below it"),
    ("intitle:recipes", "a word, or a \"phrase\", in the title"),
    ("inurl:gemlog", "a word in the address"),
    ("type:text/plain", "by media type, or its beginning; filetype:pdf goes by the ending"),
    ("lang:de", "in one language: de, german and deutsch mean the same"),
    ("kind:gemlog", "by kind: page, gemlog, feed, input, image, audio, archive, ascii-art ..."),
    ("size:>5K size:<0.5MiB", "by size; two bounds make a range"),
    ("after:2024-01-01 before:2025", "by the day of the last change"),
    ("linkto:geminiprotocol.net", "pages that link to an address or a site"),
];

/// What this is.
#[must_use]
pub fn about(app: &App) -> Answer {
    Answer::Page(Page::new(About { host: app.host.to_string() }))
}

/// How to search.
#[must_use]
pub fn help() -> Answer {
    let link = |tongue, words| paths::search(tongue, words, PageNumber::FIRST, Verbosity::Plain);
    let examples = EXAMPLES
        .iter()
        .map(|&(words, finds)| Example {
            words,
            finds,
            gemtext: link(Tongue::Gemtext, words),
            html: link(Tongue::Html, words),
        })
        .collect();
    Answer::Page(Page::welcome(Help { examples }))
}

/// What is kept of whom.
#[must_use]
pub fn privacy(app: &App) -> Answer {
    Answer::Page(Page::new(Privacy { contact: app.contact.clone() }))
}

/// Who crawls.
#[must_use]
pub fn crawler(app: &App) -> Answer {
    Answer::Page(Page::new(Crawler {
        host: app.host.to_string(),
        operator: app.operator.clone(),
        contact: app.contact.clone(),
    }))
}

/// A problem as a page of the web; over Gemini it is a header line.
#[derive(Debug)]
pub struct Trouble {
    /// What is wrong, in one sentence.
    pub sentence: String,
}

view!(Trouble, "trouble/page.gmi", "trouble/page.html");

/// Shows a problem.
#[must_use]
pub fn trouble(sentence: String) -> Page {
    Page::new(Trouble { sentence })
}
