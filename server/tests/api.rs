//! The interface for programs against its own description, over both tongues.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/desk.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod desk;
#[path = "search/library.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod library;
#[path = "support/schema.rs"]
mod schema;

use std::collections::BTreeSet;

use desk::{Desk, boats};
use serde_json::Value;
use server::acts;
use server::app::StoreSlot;
use server::app::manners::Manners;
use server::people::Admin;
use server::render::answer::{Answer, Data, Readers};
use shared::gemini::url::GeminiUrl;
use shared::store::cluster::scratch;
use shared::store::known::directory::Wishes;

/// What a program gets over the web.
async fn answer(desk: &Desk, path: &str, words: Option<&str>) -> Data {
    match desk.web(path, words).await {
        Ok(Answer::Data(data)) => data,
        Ok(Answer::Page(_) | Answer::File(_) | Answer::Input { .. } | Answer::Redirect(_)) | Err(_) => {
            panic!("{path} is for programs")
        }
    }
}

fn json(data: &Data) -> Value {
    serde_json::from_slice(&data.bytes).unwrap()
}

/// Whether an answer is what the description promises for that path and status.
fn check(document: &Value, path: &str, status: u16, answer: &Value) {
    let response = &document["paths"][path]["get"]["responses"][status.to_string()];
    let response = match response["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => response,
    };
    let schema = &response["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{path} {status} is not described");
    let errors = schema::errors(document, schema, answer);
    assert!(errors.is_empty(), "{path} {status}: {errors:?} in {answer}");
}

#[tokio::test]
async fn every_answer_is_as_described() {
    let scratch = scratch::database().await;
    let seed = GeminiUrl::parse("gemini://known.example/").unwrap();
    acts::seed::seed(&Admin::at_the_console("test"), &scratch.store(), &BTreeSet::from([seed]))
        .await
        .unwrap();
    let desk = Desk::with_store(boats(), StoreSlot::filled(scratch.store().clone()));
    let document = json(&answer(&desk, "/api/v1/openapi.json", None).await);
    let cases: &[(&str, &str, Option<&str>, u16)] = &[
        ("/api/v1/search", "/api/v1/search", Some("boats"), 200),
        ("/api/v1/search", "/api/v1/search", Some("baots size:big ("), 200),
        ("/api/v1/search", "/api/v1/search", None, 400),
        ("/api/v1/search/{page}", "/api/v1/search/2", Some("boats"), 200),
        ("/api/v1/search/{page}", "/api/v1/search/999", Some("boats"), 200),
        ("/api/v1/search/{page}", "/api/v1/search/0", Some("boats"), 400),
        ("/api/v1/in/{filter}/search", "/api/v1/in/lang:de/search", Some("boats"), 200),
        ("/api/v1/in/{filter}/search", "/api/v1/in/lang:klingonese/search", Some("boats"), 404),
        ("/api/v1/in/{filter}/search/{page}", "/api/v1/in/lang:de/search/1", Some("boats"), 200),
        ("/api/v1/page", "/api/v1/page", Some("gemini://known.example/"), 200),
        ("/api/v1/page", "/api/v1/page", Some("unheard-of.example"), 404),
        ("/api/v1/page", "/api/v1/page", Some("https://example.org/"), 404),
        ("/api/v1/page", "/api/v1/page", None, 400),
        ("/api/v1/capsule", "/api/v1/capsule", Some("KNOWN.example"), 200),
        ("/api/v1/capsule", "/api/v1/capsule", Some("unheard-of.example"), 404),
        ("/api/v1/backlinks", "/api/v1/backlinks", Some("known.example"), 200),
        ("/api/v1/backlinks", "/api/v1/backlinks", Some("gemini://known.example/"), 200),
        ("/api/v1/backlinks", "/api/v1/backlinks", Some("unheard-of.example"), 404),
        ("/api/v1/known_hosts", "/api/v1/known_hosts", None, 200),
        ("/api/v1/known_feeds", "/api/v1/known_feeds", None, 200),
        ("/api/v1/known_feeds", "/api/v1/known_feeds", Some("gemsub"), 200),
        ("/api/v1/known_feeds", "/api/v1/known_feeds", Some("carrier pigeon"), 400),
        ("/api/v1/known_security_txt", "/api/v1/known_security_txt", None, 200),
        ("/api/v1/known_perma_redirects", "/api/v1/known_perma_redirects", None, 200),
        ("/api/v1/openapi.json", "/api/v1/openapi.json", None, 200),
    ];
    for &(described, path, words, status) in cases {
        let data = answer(&desk, path, words).await;
        let given = data.problem.as_ref().map_or(200, server::render::problem::Problem::http_status);
        assert_eq!((given, data.readers), (status, Readers::Anybody), "{path}");
        check(&document, described, status, &json(&data));
    }
    let described: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    for path in &described {
        assert!(cases.iter().any(|case| case.0 == path.as_str()), "{path} is described and not tried");
    }
    // What is routed is described: the arms of the match are the list of routes.
    for arm in include_str!("../src/api.rs").lines().filter_map(|line| line.trim().strip_prefix("[\"")) {
        let segments = arm.split(']').next().unwrap().replace('"', "").replace(", page", ", {page}");
        let path = format!("/api/v1/{}", segments.split(", ").collect::<Vec<_>>().join("/"));
        assert!(described.iter().any(|known| **known == path), "{path} is routed and not described");
    }
}

#[tokio::test]
async fn lists_have_the_shapes_of_tlgs() {
    let desk = Desk::over(boats());
    let feeds = json(&answer(&desk, "/api/v1/known_feeds", None).await);
    assert_eq!(feeds, serde_json::json!(["gemini://c5.example/boats.xml"]));
    let rss = desk.gemini("/api/v1/known_feeds?rss").await;
    assert_eq!(rss, "20 application/json\r\n[]");
    // Without a database there are no lists of it, and waiting helps; searches go on.
    let away = answer(&desk, "/api/v1/known_hosts", None).await;
    assert_eq!(json(&away)["retry_after"], 30);
    let over_gemini = desk.gemini("/api/v1/known_hosts").await;
    assert!(over_gemini.starts_with("41 "), "{over_gemini}");
    assert!(desk.gemini("/api/v1/nothing").await.starts_with("51 "));
}

#[tokio::test]
async fn a_search_gives_the_facts_as_they_are() {
    let desk = Desk::over(boats());
    let found = json(&answer(&desk, "/api/v1/in/lang:de/search", Some("boats")).await);
    assert_eq!((&found["total"], &found["page"], &found["last_page"]), (&10.into(), &1.into(), &1.into()));
    assert_eq!(found["filters"], serde_json::json!(["lang:de"]));
    let hit = &found["hits"][0];
    assert_eq!((&hit["language"], &hit["kind"]), (&"de".into(), &"page".into()));
    let quote = hit["quote"].as_array().unwrap();
    assert!(quote.iter().any(|span| span["is_match"] == true), "{hit}");
    let snippet = hit["snippet"].as_str().unwrap();
    assert!(snippet.contains("boats in a harbour") && !snippet.contains('\n'), "{hit}");
    assert_eq!(snippet, quote.iter().filter_map(|span| span["text"].as_str()).collect::<String>());
    let over_gemini = desk.gemini("/api/v1/search?boats").await;
    let body = over_gemini.strip_prefix("20 application/json\r\n").unwrap();
    assert_eq!(serde_json::from_str::<Value>(body).unwrap()["total"], 35);
}

#[tokio::test]
async fn over_the_web_a_page_is_quoted_as_far_as_its_capsule_lets_the_web_have_it() {
    let mut desk = Desk::over(boats());
    let shut = Wishes {
        capsule: "c1.example".parse().unwrap(),
        folder: "/".to_owned(),
        rules: "User-agent: webproxy\nDisallow: /\n".to_owned(),
    };
    desk.app.manners = Manners::of(vec![shut]);
    let quoted = |found: &Value, host: &str| {
        let hits = found["hits"].as_array().unwrap();
        let hit = hits.iter().find(|hit| hit["url"].as_str().unwrap().contains(host)).expect("a hit of it");
        (hit["quote"] != serde_json::json!([]), hit["snippet"] != "")
    };
    let by_web = async |words| json(&answer(&desk, "/api/v1/search", Some(words)).await);
    assert_eq!(quoted(&by_web("boats site:c2.example kind:page").await, "c2.example"), (true, true));
    assert_eq!(quoted(&by_web("boats site:c1.example kind:page").await, "c1.example"), (false, false));
    let over_gemini = desk.gemini("/api/v1/search?boats%20site:c1.example%20kind:page").await;
    let found = serde_json::from_str(over_gemini.split_once("\r\n").unwrap().1).unwrap();
    assert_eq!(quoted(&found, "c1.example"), (true, true));
}

#[tokio::test]
async fn a_browser_can_add_the_search() {
    let desk = Desk::over(boats());
    let data = answer(&desk, "/opensearch.xml", None).await;
    assert_eq!(data.media_type, "application/opensearchdescription+xml");
    let text = String::from_utf8(data.bytes).unwrap();
    assert!(text.contains("template=\"http://sextant.example:8080/search?q={searchTerms}\""), "{text}");
    assert!(!text.contains("suggestions"), "every keystroke would reach us");
    let home = desk.html("/", None).await;
    assert!(home.contains("<link rel=\"search\" type=\"application/opensearchdescription+xml\""), "{home}");
}
