//! What an admin writes, and what comes of it.

use super::*;

fn read(file: &str) -> Result<Settings, SettingsError> {
    Settings::from_source(Source::new(file.parse().expect("TOML"), BTreeMap::new()))
}

#[track_caller]
fn problems(file: &str) -> Vec<String> {
    match read(file).expect_err("wrong settings") {
        SettingsError::Wrong(problems) => problems.iter().map(ToString::to_string).collect(),
        other => panic!("{other}"),
    }
}

#[test]
fn without_a_configuration_nothing_leaves_this_machine() {
    let settings = read("").expect("defaults");
    assert_eq!(settings.reach, Reach::RoutedOnly);
    assert!(settings.gemini.iter().chain(&settings.web).all(|address| address.ip().is_loopback()));
    assert_eq!(settings.plan(), Plan::Generated);
}

#[test]
fn whoever_says_who_he_is_may_crawl_the_public_space() {
    let file = "[server]\nhost = \"search.example\"\n[admin]\ncontact = \"mail@search.example\"";
    let settings = read(file).expect("a configuration");
    assert_eq!((settings.reach, settings.plan()), (Reach::Public, Plan::Public));
    assert!(settings.gemini.iter().all(|address| address.ip().is_unspecified()));
    let alone = problems("[server]\nhost = \"search.example\"\n[crawl]\nreach = \"public\"");
    assert!(alone[0].starts_with("crawl.reach: the public space"), "{alone:?}");
}

#[test]
fn every_wrong_key_is_told_at_once() {
    let file = "
        stat = \"/tmp\"
        [server]
        host = [\"good.example\", \"bad host\"]
        web = \"8080\"
        [crawl]
        in_flight = 0
        pace = \"fast\"
        [log]
        level = \"crawler=loud\"
        [route]
        \"a.example\" = \"nowhere\"
    ";
    let told = problems(file);
    for key in
        ["stat", "server.host", "server.web", "crawl.in_flight", "crawl.pace", "log.level", "route.a.example"]
    {
        assert_eq!(
            told.iter().filter(|line| line.starts_with(&format!("{key}: "))).count(),
            1,
            "{key} in {told:#?}"
        );
    }
    assert_eq!(told.len(), 7, "{told:#?}");
}

#[test]
fn routes_come_from_the_section_and_from_a_file() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), "b.example 127.0.0.1:2\n\n").expect("a file");
    let text = format!("[crawl]\nroutes = {:?}\n[route]\n\"a.example\" = \"127.0.0.1:1\"", file.path());
    let settings = read(&text).expect("routes");
    let hosts: Vec<&str> = settings.routes.hosts().map(Host::as_str).collect();
    assert_eq!(hosts, ["a.example", "b.example"]);
    assert_eq!(settings.plan(), Plan::Public);
}
