//! An app over a small index, asked by path and words as a door asks it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use server::app::manners::Manners;
use server::app::{App, StoreSlot};
use server::ask::Ask;
use server::config::Config;
use server::render;
use server::render::answer::Answer;
use server::render::problem::Problem;
use server::route;
use shared::gemini::host::Host;
use shared::gemini::kind::Kind;
use shared::index::document::Document;

use crate::library::{Library, moment, page, page_in};

/// The app, and the index behind it.
pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) shelf: Library,
}

/// So many days after the first page was seen.
pub(crate) fn after(days: i64) -> DateTime<Utc> {
    moment() + TimeDelta::days(days)
}

/// Thirty pages about boats on ten capsules, in three languages, and a thing of each other kind.
pub(crate) fn boats() -> Vec<Document> {
    let mut pages: Vec<Document> = (0..30)
        .map(|number| {
            let language = ["en", "de", "fr"][number % 3];
            let url = format!("c{}.example/boat/{number}.gmi", number % 10);
            let body = format!("boats in a harbour, part {number} of a long story of the sea");
            let page = page_in(language, &url, &format!("Boats {number}"), &body);
            Document { first_seen: after(number as i64), ..page }
        })
        .collect();
    let thing = |kind, media_type: &str, url: &str| Document {
        kind,
        media_type: media_type.to_owned(),
        ..page(url, "Boats in another shape", "")
    };
    pages.push(thing(Kind::Image, "image/png", "c1.example/boats.png"));
    pages.push(thing(Kind::Audio, "audio/ogg", "c2.example/boats.ogg"));
    pages.push(thing(Kind::Document, "application/pdf", "c3.example/boats.pdf"));
    pages.push(thing(Kind::AsciiArt, "text/gemini", "c4.example/boats.gmi"));
    pages.push(thing(Kind::Feed, "application/atom+xml", "c5.example/boats.xml"));
    pages
}

impl Desk {
    /// Over these pages; capsules have no wishes for the web.
    pub(crate) fn over(pages: impl IntoIterator<Item = Document>) -> Self {
        Self::with_store(pages, StoreSlot::default())
    }

    /// The same beside a store.
    pub(crate) fn with_store(pages: impl IntoIterator<Item = Document>, store: StoreSlot) -> Self {
        let shelf = Library::of(pages);
        let config = Config {
            hosts: vec![Host::parse("sextant.example").unwrap()],
            ..Config::local(shelf.folder.path().to_owned())
        };
        let mut app = App::new(&config, shelf.searcher.clone(), store);
        app.manners = Manners::of(Vec::new());
        Self { app, shelf }
    }

    /// A Gemini request by its path and query: the whole response.
    pub(crate) async fn gemini(&self, target: &str) -> String {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let answer = route::public(&self.app, &Ask::by_gemini(path, query)).await;
        String::from_utf8(render::gemtext(&answer)).unwrap()
    }

    /// A web request by its path and words.
    pub(crate) async fn web(&self, path: &str, words: Option<&str>) -> Result<Answer, Problem> {
        route::public(&self.app, &Ask::by_web(path, words.map(str::to_owned))).await
    }

    /// The page that the web shows.
    pub(crate) async fn html(&self, path: &str, words: Option<&str>) -> String {
        match self.web(path, words).await {
            Ok(Answer::Page(page) | Answer::Input { form: page, .. }) => render::html(&page).unwrap(),
            Ok(Answer::File(_) | Answer::Data(_) | Answer::Redirect(_)) | Err(_) => {
                panic!("{path} is no page")
            }
        }
    }
}

/// The links of a gemtext, by their labels.
pub(crate) fn links(gemtext: &str) -> BTreeMap<String, String> {
    gemtext
        .lines()
        .filter_map(|line| line.strip_prefix("=> ")?.split_once(' '))
        .map(|(target, label)| (label.to_owned(), target.to_owned()))
        .collect()
}
