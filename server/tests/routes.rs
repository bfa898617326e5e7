//! Every path of ours as the doors answer it, over real TLS and HTTP, in snapshots of both tongues.
//!
//! The list of paths is the one that the server itself has: a new path fails here until somebody has looked at what it
//! answers, and so does one that the routes know and the list does not. Each is asked as somebody does who types just
//! the path; what is for programs is asked with words, too. The screens full of what is known are in `screens.rs` and
//! `sheets.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "search/library.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod library;
#[path = "support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use library::{Library, page, page_in};
use server::app::StoreSlot;
use shared::gemini::kind::Kind;
use shared::index::document::Document;
use shared::store::cluster::scratch;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use visitor::House;

/// Beside the list of paths: what is below them, with words where it is for programs.
const MORE: [&str; 44] = [
    "/search/2",
    "/v/search",
    "/images",
    "/files",
    "/audio",
    "/ascii-art",
    "/in/lang:de",
    "/in/lang:de/search",
    "/in/lang:de/images",
    "/in/lang:klingonese/search",
    "/search_jump/boats",
    "/search_jump/boats?2",
    "/v/search_jump/boats",
    "/images_jump/boats",
    "/files_jump/boats",
    "/audio_jump/boats",
    "/ascii-art_jump/boats",
    "/lucky?harbour",
    "/site-search/s/harbour.example",
    "/search/feed/atom",
    "/search/feed/atom?boats",
    "/search/feed/gemfeed",
    "/search/feed/gemfeed?boats",
    "/in/lang:de/search/feed/gemfeed",
    "/page?https://harbour.example/",
    "/page?harbour.example",
    "/backlinks?harbour.example",
    "/backlinks/feed/atom?harbour.example",
    "/capsule?harbour.example",
    "/capsule?exa%20mple",
    "/cached?exa%20mple",
    "/add-seed?localhost",
    "/report/harbour.example",
    "/api/v1/search",
    "/api/v1/search?harbour",
    "/api/v1/search/2?harbour",
    "/api/v1/in/lang:de/search?boats",
    "/api/v1/page?harbour.example",
    "/api/v1/capsule?harbour.example",
    "/api/v1/backlinks?harbour.example",
    "/api/v1/known_hosts",
    "/api/v1/known_feeds",
    "/api/v1/known_security_txt",
    "/api/v1/known_perma_redirects",
];

/// Files of ours, which are looked at where they lie.
const FILES: [(&str, &str); 4] = [
    ("/style.css", include_str!("../../templates/style.css")),
    ("/favicon.svg", include_str!("../../templates/favicon.svg")),
    ("/limb.svg", include_str!("../../templates/limb.svg")),
    ("/api/v1/openapi.json", include_str!("../src/api/openapi.json")),
];

/// One page to read, so that chance has no choice, and a thing of three other kinds.
fn harbour() -> Vec<Document> {
    let feed = page_in("de", "hafen.example/boote.xml", "Boote im Hafen", "boats, auf Deutsch");
    let thing = |kind, media_type: &str, url: &str| Document {
        kind,
        media_type: media_type.to_owned(),
        ..page(url, "Boats in another shape", "")
    };
    vec![
        page("harbour.example/boats.gmi", "Boats of the harbour", "All the boats that lie in a harbour."),
        Document { kind: Kind::Feed, media_type: "application/atom+xml".to_owned(), ..feed },
        thing(Kind::Image, "image/png", "harbour.example/boats.png"),
        thing(Kind::Audio, "audio/ogg", "harbour.example/boats.ogg"),
    ]
}

/// Every path that is public, as the one list of them has it.
fn listed() -> Vec<&'static str> {
    let consts = include_str!("../src/paths.rs").lines().filter(|line| line.starts_with("pub const "));
    let paths: Vec<&str> = consts.filter_map(|line| line.split('"').nth(1)).collect();
    assert!(25 < paths.len() && paths.iter().all(|path| path.starts_with('/')), "{paths:?}");
    paths
}

/// The beginnings of paths that a source matches: the arms of its `match` are a list too.
fn matched(source: &str, below: &str) -> Vec<String> {
    let arms = source.lines().filter_map(|line| line.trim().strip_prefix("[\""));
    let fixed = |arm: &str| -> String {
        let names = arm.split('"').step_by(2).take_while(|name| !name.contains(']')).collect::<Vec<_>>();
        names.join("/")
    };
    arms.map(|arm| format!("{below}/{}", fixed(arm))).collect()
}

/// The name of a snapshot.
fn name(target: &str) -> String {
    let words: Vec<&str> =
        target.split(|sign: char| !sign.is_ascii_alphanumeric() && !"-_.".contains(sign)).collect();
    let name = words.join(" ").trim().replace(' ', "__");
    if name.is_empty() { "root".to_owned() } else { name }
}

/// A whole answer over Gemini, the end of its header marked.
async fn by_gemini(house: &House, target: &str) -> String {
    let request = format!("gemini://sextant.example{target}\r\n");
    let (answer, _) = house.ask_raw(Some("sextant.example"), &[request.as_bytes()]).await;
    let answer = String::from_utf8(answer).unwrap();
    let (header, body) = answer.split_once("\r\n").unwrap();
    format!("{header}\\r\\n\n{}", body_of(target, body))
}

/// What a browser gets: the headers that differ from path to path, and of a page what is its own.
async fn by_web(house: &House, target: &str) -> String {
    let target = target.replacen('?', "?q=", 1);
    let mut stream = TcpStream::connect(house.web).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: sextant.example\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = timeout(Duration::from_secs(60), stream.read_to_string(&mut answer)).await;
    read.expect("an answer has an end").unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut shown: Vec<String> = head
        .lines()
        .filter_map(|line| match line.split_once(": ") {
            None => Some(line.to_owned()),
            Some(("etag", _)) => Some("etag: (made from the bytes)".to_owned()),
            Some((
                "content-type"
                | "cache-control"
                | "x-robots-tag"
                | "location"
                | "retry-after"
                | "allow"
                | "access-control-allow-origin",
                _,
            )) => Some(line.to_owned()),
            Some(_) => None,
        })
        .collect();
    shown.sort_by_key(|line| !line.starts_with("HTTP/"));
    let own = body.split_once("<main id=\"main\">").and_then(|(_, rest)| rest.split_once("</main>"));
    let own = own.map_or(body, |(own, _)| own.trim());
    format!("{}\n\n{}", shown.join("\n"), body_of(&target, own))
}

/// A body without what differs from run to run; of a file only that it is the one that we have.
fn body_of(target: &str, body: &str) -> String {
    if let Some((_, file)) = FILES.iter().find(|(path, _)| *path == target) {
        assert_eq!(body, *file, "{target}");
        return "(the file as it is)".to_owned();
    }
    let mut out = match (body.find(", in "), body.find(" ms.")) {
        (Some(begin), Some(end)) if begin < end => {
            format!("{}, in no time{}", &body[..begin], &body[end + 3..])
        }
        _ => body.to_owned(),
    };
    for figure in ["\"milliseconds\":", "\"score\":"] {
        let parts: Vec<&str> = out.split(figure).collect();
        let rests =
            parts[1..].iter().map(|rest| rest.trim_start_matches(|sign: char| "0123456789.".contains(sign)));
        out = std::iter::once(parts[0]).chain(rests).collect::<Vec<_>>().join(&format!("{figure}0"));
    }
    out
}

#[tokio::test]
async fn every_path_is_shown_as_each_door_answers_it() {
    let library = Library::of(harbour());
    let scratch = scratch::database().await;
    let more = |config: &mut server::config::Config| {
        config.web_address = Some("https://sextant.example".to_owned());
        config.operator = Some("The people of example.org".to_owned());
        config.contact = Some("mailto:admin@example.org".to_owned());
    };
    let store = StoreSlot::filled(scratch.store());
    let house = House::built(more, library.searcher.clone(), store).await;

    let files = FILES.map(|(path, _)| path);
    let asked: BTreeSet<&str> = listed().into_iter().chain(MORE).chain(files).collect();
    let routed = matched(include_str!("../src/route.rs"), "")
        .into_iter()
        .chain(matched(include_str!("../src/api.rs"), "/api/v1"));
    for beginning in routed {
        let is_asked = asked.iter().any(|target| target.contains(&beginning));
        assert!(is_asked, "{beginning} is routed, and nobody looks at what it answers");
    }
    for target in &asked {
        insta::assert_snapshot!(format!("{}.gmi", name(target)), by_gemini(&house, target).await);
        insta::assert_snapshot!(format!("{}.html", name(target)), by_web(&house, target).await);
    }
    // What nobody asks for any more is no picture of anything.
    let shown: BTreeSet<String> = asked
        .iter()
        .flat_map(|target| ["gmi", "html"].map(|tongue| format!("routes__{}.{tongue}.snap", name(target))))
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        assert!(!file.starts_with("routes__") || shown.contains(&file), "{file} shows no path that there is");
    }
    assert_eq!(shown.len(), 2 * asked.len(), "each path has a picture of its own");
}
