//! What a turn hands over: a visit, its end, or both.

use shared::gemini::text::OneLine;
use shared::gemini::url::GeminiUrl;
use shared::store::codec;
use shared::store::crawl::request::SentRequest;
use shared::store::crawl::turn::{GiveBack, Leased};
use shared::store::known::capsule::CapsuleAfter;
use shared::store::known::certificate::SeenCertificate;
use shared::store::known::content::NewContent;
use shared::store::known::page::PageAfter;
use shared::store::known::post::{NewPost, PostKey};
use shared::store::known::robots::AskedRobots;
use tokio::time::Instant;

use crate::parse::likeness::Likeness;

/// Whether a lease still held when something was written under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// It did; what was handed over is committed.
    Held,
    /// It was lost meanwhile; what was handed over was left out.
    Lost,
}

/// Something of a turn to commit.
#[derive(Clone, Debug)]
pub struct Handover {
    /// Under which lease.
    pub leased: Leased,
    /// What was seen, if anything.
    pub visit: Option<Visit>,
    /// The turn's end, committed together with its last visit.
    pub end: Option<GiveBack>,
}

/// One request, or the finding that none may be sent.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The request; none where nothing was sent.
    pub request: Option<SentRequest>,
    /// The folder of the site it belongs to.
    pub folder: String,
    /// How the capsule stands after it; none: as after the turn's visit before.
    pub capsule: Option<CapsuleAfter>,
    /// The certificate that was shown; none as well where the turn's visit before was shown the same.
    pub certificate: Option<SeenCertificate>,
    /// What was asked for.
    pub subject: Subject,
}

/// What a visit asked for.
#[derive(Clone, Debug)]
pub enum Subject {
    /// The rules of a capsule or folder.
    Robots(AskedRobots),
    /// A redirect on the way to the rules: the request is recorded and nothing else.
    Detour,
    /// A page.
    Page(Box<PageVisit>),
}

/// What a visit of a page brought.
#[derive(Clone, Debug)]
pub struct PageVisit {
    /// How the page stands after it; `moved_to` is filled in by the batch.
    pub after: PageAfter,
    /// Where a redirect leads, and the redirects on the way to there.
    pub moved: Option<(GeminiUrl, u8)>,
    /// The text, where one came.
    pub content: Option<NewContent>,
    /// By which it is told from pages that are all but the same; none where nothing was read, or too few words.
    pub likeness: Option<Likeness>,
    /// All links of the page from now on.
    pub links: Links,
    /// What it tells of as a feed.
    pub posts: Posts,
    /// When it began: what was removed since is not brought back by it.
    pub begun: Instant,
}

/// What becomes of a page's links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Links {
    /// They stay as they are.
    Kept,
    /// These are its links; none: all go.
    Are(Vec<FoundLink>),
}

/// What a visit says of posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posts {
    /// The page tells of these as a feed; mostly of none. What it told of before stays known.
    Told(Vec<NewPost>),
    /// The page is gone, and with it what it told of, and what feeds tell of it as the post of this key.
    Gone(PostKey),
}

impl Posts {
    /// No news.
    #[must_use]
    pub const fn none() -> Self {
        Self::Told(Vec::new())
    }
}

/// A link as it stands in a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLink {
    /// Where it leads.
    pub target: GeminiUrl,
    /// What it says; empty when nothing.
    pub label: OneLine,
}

impl PageVisit {
    /// The links, none where they are kept.
    #[must_use]
    pub fn found(&self) -> &[FoundLink] {
        match &self.links {
            Links::Kept => &[],
            Links::Are(links) => links,
        }
    }
}

impl Handover {
    /// Its page, if it has one.
    #[must_use]
    pub fn page(&self) -> Option<&PageVisit> {
        match &self.visit.as_ref()?.subject {
            Subject::Page(page) => Some(page),
            Subject::Robots(_) | Subject::Detour => None,
        }
    }

    /// The URL of its page, where one was asked for.
    #[must_use]
    pub fn asked(&self) -> Option<GeminiUrl> {
        let visit = self.visit.as_ref()?;
        let request = visit.request.as_ref()?;
        codec::page_url(&self.leased.addr, &request.path).ok()
    }

    /// How much of a transaction it takes: links, and kilobytes of text.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.page().map_or(1, |page| {
            let text = page.content.as_ref().map_or(0, |content| content.source.as_str().len());
            1 + page.found().len() + text / 1024
        })
    }
}
