//! Pages of words: only templates, and who runs this copy.

use crate::app::App;
use crate::ask::Tongue;
use crate::paths;
use crate::render::answer::{Answer, Page};
use crate::render::phrase::grouped;
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
    /// Operators of one sort, each sort under its heading.
    pub groups: Vec<Group>,
    /// The address of the search, for a client's settings.
    pub search: String,
}

/// Operators of one sort.
#[derive(Debug)]
pub struct Group {
    /// What they have in common.
    pub heading: &'static str,
    /// Each with an example and what it finds.
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
    /// Requests to one site in a day, at most.
    pub requests_a_day: String,
    /// MiB from one site in a day, at most.
    pub mib_a_day: String,
    /// From which addresses it comes, where the admin gave them.
    pub addresses: Vec<String>,
}

impl Privacy {
    /// The contact as a link.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        openable(self.contact.as_deref()?)
    }
}

impl Crawler {
    /// The contact as a link.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        openable(self.contact.as_deref()?)
    }
}

/// A contact that is an address which a client can open; any other is shown as a text.
fn openable(contact: &str) -> Option<&str> {
    let opens = ["mailto:", "gemini://", "https://"].iter().any(|scheme| contact.starts_with(scheme));
    (opens && !contact.contains(char::is_whitespace)).then_some(contact)
}

view!(About, "about/page.gmi", "about/page.html");
view!(Help, "help/page.gmi", "help/page.html");
view!(Privacy, "privacy/page.gmi", "privacy/page.html");
view!(Crawler, "crawler/page.gmi", "crawler/page.html");

/// What can be typed, in the order in which people need it: an example, and what it finds.
pub const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "Words",
        &[
            (
                "red panda",
                "Pages with both words. Where few have both, pages with most of your words follow, and you are told.",
            ),
            ("\"small web\"", "These words side by side, in this order."),
            (
                "garden -vegetables",
                "Without a word. NOT vegetables means the same, and both work with every filter: -lang:en",
            ),
            ("tea OR coffee", "Either word. Parentheses group: (tea OR coffee) recipe"),
            ("astro*", "Words that begin like this, with two letters or more: at most three in a query."),
        ],
    ),
    (
        "Where",
        &[
            (
                "site:geminiprotocol.net docs",
                "On one capsule, or below one path of it: site:example.org/~ann/",
            ),
            ("domain:flounder.online music", "On a domain and on everything below it."),
            ("intitle:recipes", "In the title. A phrase works as well: intitle:\"green tea\""),
            ("inurl:gemlog", "In the address."),
            ("linkto:geminiprotocol.net", "Pages that link to a capsule, a site or one page."),
        ],
    ),
    (
        "What",
        &[
            ("type:text/plain", "By media type, or its beginning: type:image. content_type: means the same."),
            ("filetype:pdf", "By the ending of the name."),
            (
                "kind:gemlog",
                "By kind: page, gemlog, feed, input, image, audio, video, archive, document, file, ascii-art; and the mass material that otherwise comes last: news, web-mirror, mailing-list, chat-log.",
            ),
            ("lang:de", "In one language. lang:german and lang:deutsch mean the same."),
            ("charset:windows-1251", "In one character set."),
            ("size:>5K size:<0.5MiB", "By size. Two bounds make a range."),
            ("after:2026-01-01 before:2026-07", "By the day on which the page last changed."),
        ],
    ),
];

/// What this is.
#[must_use]
pub fn about(app: &App) -> Answer {
    Answer::Page(Page::new(About { host: app.host.to_string() }))
}

/// How to search.
#[must_use]
pub fn help(app: &App) -> Answer {
    let groups = EXAMPLES.iter().map(|&(heading, examples)| Group {
        heading,
        examples: examples.iter().map(|&(words, finds)| Example::new(words, finds)).collect(),
    });
    let search = format!("gemini://{}{}", app.capsule, paths::SEARCH);
    Answer::Page(Page::welcome(Help { groups: groups.collect(), search }))
}

impl Example {
    fn new(words: &'static str, finds: &'static str) -> Self {
        let link = |tongue| paths::search(tongue, words, PageNumber::FIRST, Verbosity::Plain);
        Self { words, finds, gemtext: link(Tongue::Gemtext), html: link(Tongue::Html) }
    }
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
        requests_a_day: grouped(app.crawler.requests_a_day.into()),
        mib_a_day: grouped(app.crawler.bytes_a_day >> 20),
        addresses: app.crawler.addresses.iter().map(ToString::to_string).collect(),
    }))
}

/// How to make this the search of a client.
#[derive(Debug)]
pub struct DefaultSearch {
    /// The address of the search, for a client's settings.
    pub search: String,
    /// Each client, and what to do in it.
    pub clients: Vec<(&'static str, String)>,
}

view!(DefaultSearch, "default_search/page.gmi", "default_search/page.html");

/// How to make this the search of a client.
#[must_use]
pub fn default_search(app: &App) -> Answer {
    let search = format!("gemini://{}{}", app.capsule, paths::SEARCH);
    Answer::Page(Page::new(DefaultSearch { clients: clients(&search), search }))
}

/// What to do in each client.
fn clients(search: &str) -> Vec<(&'static str, String)> {
    vec![
        (
            "Lagrange",
            format!(
                "In the preferences, as search URL: {search} . What you type into the address bar and is no address is then searched here."
            ),
        ),
        ("Amfora", format!("In config.toml, in the section [a-general]: search = \"{search}\"")),
        ("Buran", format!("In the settings, as search engine: {search}")),
        (
            "Elpher",
            format!(
                "It has no setting for this: visit {search} once and make a bookmark of it; it asks for your words whenever it is opened."
            ),
        ),
        ("offpunk", format!("In its offpunkrc: set search {search}?%s")),
        ("Kristall", format!("In the settings, as search engine: {search}?%1")),
        (
            "Any other client",
            format!("A bookmark of {search} will do: it asks for your words as soon as it is opened."),
        ),
    ]
}

/// What has changed here.
#[derive(Debug)]
pub struct News {
    /// Each day, and what came with it.
    pub items: Vec<(&'static str, &'static str)>,
}

view!(News, "news/page.gmi", "news/page.html");

/// What has changed here.
#[must_use]
pub fn news() -> Answer {
    let items = vec![
        (
            "2026-12-01",
            "Who brings much leaves room for others: in what is new, and in the list of feeds. Reports on the web are sent by a button. Programs get a plain line of each page found.",
        ),
        (
            "2026-11-24",
            "A page for every page and every capsule that is known: is it in, who links to it, what did we ask of it. Hand in your capsule and follow its receipt. Known hosts, what is new, feeds, figures, and what is shut out and why. Images, files, sounds and ASCII art have lists of their own; a search can be limited by its path, subscribed to, and read by programs.",
        ),
        ("2026-11-23", "Sextant can be searched: over Gemini and on the web."),
    ];
    Answer::Page(Page::new(News { items }))
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
