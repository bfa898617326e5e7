//! The admin's desk at its doors: who gets in, what only a deed does, and that nothing of it is anywhere else.
//!
//! - on the web: the token, sessions, forms from the desk's own pages alone, few tries;
//! - over Gemini: a pinned certificate with the proof of its key, hands, and a last word for what is grave;
//! - however often and wherever the same is asked for, it is one job, and each act is written down.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/browser.rs"]
mod browser;
mod doors;
#[path = "../support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use browser::{Browser, LIMIT, Said, exchange};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, SignatureScheme, SupportedProtocolVersion};
use server::acts;
use server::config::DeskAddress;
use server::people::Admin;
use server::people::keyring::Keyring;
use shared::gemini::fingerprint::Fingerprint;
use shared::store::Store;
use shared::store::asked::audit::{self, Entry};
use shared::store::asked::job::{self, Run};
use shared::store::cluster::scratch::{self, Scratch};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use visitor::{Ending, House};

/// A desk with its store and its keys.
struct Desk {
    house: House,
    keys: Keyring,
    scratch: Scratch,
}

impl Desk {
    async fn open() -> Self {
        let scratch = scratch::database().await;
        let house = House::staffed(scratch.store()).await;
        let keys = Keyring::at(house.state.path());
        Self { house, keys, scratch }
    }

    fn web(&self) -> SocketAddr {
        match self.house.desk[0] {
            DeskAddress::Tcp(address) => address,
            DeskAddress::Unix(_) => panic!("the desk's first address is on the network"),
        }
    }

    fn store(&self) -> Store {
        self.scratch.store()
    }

    /// Somebody who typed the token.
    async fn inside(&self) -> Browser {
        let mut browser = Browser::at(self.web());
        assert_eq!(browser.log_in(&self.keys.new_token().unwrap()).await.status, "303");
        browser
    }

    async fn jobs(&self) -> Vec<Run> {
        self.store().read(async |c| job::runs(c, 0, 1_000).await).await.unwrap().0
    }

    async fn acts(&self) -> Vec<Entry> {
        self.store().read(async |c| audit::list(c, 0, 1_000).await).await.unwrap().0
    }

    /// A request over Gemini: status line and body, or nothing where the connection was cut.
    async fn gemini(&self, client: ClientConfig, path: &str) -> String {
        let request = format!("gemini://localhost{path}\r\n");
        let (said, _) = self.house.ask_by(client, request.as_bytes()).await;
        String::from_utf8(said).unwrap()
    }
}

/// A certificate with its key.
struct Identity {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Identity {
    fn until(year: i32) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        (params.not_before, params.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(year, 1, 1));
        Self { certificate: params.self_signed(&key).unwrap().der().clone(), key }
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }

    /// A client that shows this certificate and signs with that key, in one version of TLS.
    fn shown_with(&self, key: &KeyPair, version: &'static SupportedProtocolVersion) -> ClientConfig {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signer = any_supported_type(&key).unwrap();
        let pair = CertifiedKey::new(vec![self.certificate.clone()], signer);
        visitor::client_of(&[version]).with_client_cert_resolver(Arc::new(Always(Arc::new(pair))))
    }

    fn shown(&self) -> ClientConfig {
        self.shown_with(&self.key, &TLS13)
    }
}

/// Shows its certificate whatever is asked for.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesClientCert for Always {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

fn nobody() -> ClientConfig {
    visitor::client().with_no_client_auth()
}

fn link<'a>(page: &'a str, label: &str) -> &'a str {
    let line = page.lines().find(|line| line.starts_with("=> ") && line.contains(label));
    let line = line.unwrap_or_else(|| panic!("no link {label:?}: {page}"));
    line.trim_start_matches("=> ").split(' ').next().unwrap()
}

#[tokio::test]
async fn nobody_gets_in_without_the_token_and_a_new_one_ends_what_the_old_one_began() {
    let desk = Desk::open().await;
    let mut browser = Browser::at(desk.web());
    assert_eq!(browser.get("/").await.header("location"), Some("/admin"));
    assert_eq!(browser.get("/admin").await.header("location"), Some("/admin/login"));
    let said = browser.get("/admin/login").await;
    assert!(said.body.contains("No token has been made yet"), "{}", said.body);
    let none = browser.log_in("").await;
    assert_eq!((none.status.as_str(), none.header("set-cookie")), ("403", None), "where there is no token");

    let token = desk.keys.new_token().unwrap();
    let wrong = browser.log_in(&"0".repeat(64)).await;
    assert_eq!((wrong.status.as_str(), wrong.header("set-cookie")), ("403", None));
    let right = browser.log_in(&token).await;
    assert_eq!((right.status.as_str(), right.header("location")), ("303", Some("/admin")));
    let cookie = right.header("set-cookie").unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(&token), "the cookie is not the token");
    let page = browser.get("/admin").await;
    assert_eq!(page.status, "200");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("x-robots-tag", "noindex, nofollow"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    let policy = page.header("content-security-policy").unwrap();
    for word in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"] {
        assert!(policy.contains(word), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");

    assert_eq!(browser.post("/admin/logout", "").await.header("location"), Some("/admin/login"));
    assert_eq!(browser.get("/admin").await.status, "303", "who left is out");
    browser.hand.clear();
    assert_eq!(browser.log_in(&token).await.status, "303");
    desk.keys.new_token().unwrap();
    assert_eq!(browser.get("/admin").await.status, "303", "a new token ends the old one's sessions");
}

#[tokio::test]
async fn wrong_tokens_are_few_a_minute() {
    let desk = Desk::open().await;
    let token = desk.keys.new_token().unwrap();
    let mut browser = Browser::at(desk.web());
    for _ in 0..5 {
        assert_eq!(browser.log_in("guess").await.status, "403");
    }
    let refused = browser.log_in("guess").await;
    assert_eq!(refused.status, "429");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait} s");
    assert_eq!(
        browser.log_in(&token).await.status,
        "429",
        "a guess that is right is not told from a wrong one"
    );
    assert!(desk.acts().await.is_empty());
}

#[tokio::test]
async fn only_a_form_of_the_desks_own_pages_does_anything() {
    let desk = Desk::open().await;
    let browser = desk.inside().await;
    let form = format!("hand={}&target=example.org", browser.hand);
    let own = format!("origin: http://{}\r\n", desk.web());
    let path = "/admin/do/recrawl";
    let query = format!("{path}?{form}");
    let stranger = Browser::at(desk.web());
    let tries: [(&str, Said); 11] = [
        ("a link", browser.get(&query).await),
        ("a link to look at it", browser.get("/admin/consider/purge?q=example.org").await),
        ("a look at its head", browser.ask("HEAD", &query, &own, "").await),
        ("another method", browser.ask("PUT", path, &own, &form).await),
        ("a form from nowhere", browser.ask("POST", path, "", &form).await),
        ("a foreign form", browser.ask("POST", path, "origin: http://evil.example\r\n", &form).await),
        ("another port", browser.ask("POST", path, "origin: http://127.0.0.1:1\r\n", &form).await),
        (
            "another site",
            browser.ask("POST", path, &format!("{own}sec-fetch-site: cross-site\r\n"), &form).await,
        ),
        (
            "a name that was bent here",
            browser.ask("POST", path, "host: evil.example\r\norigin: http://evil.example\r\n", &form).await,
        ),
        ("a form without its hand", browser.ask("POST", path, &own, "target=example.org").await),
        ("no session", stranger.ask("POST", path, &own, &form).await),
    ];
    let statuses: Vec<(&str, &str)> =
        tries.iter().map(|(what, said)| (*what, said.status.as_str())).collect();
    assert_eq!(
        statuses,
        [
            ("a link", "404"),
            ("a link to look at it", "200"),
            ("a look at its head", "404"),
            ("another method", "405"),
            ("a form from nowhere", "403"),
            ("a foreign form", "403"),
            ("another port", "403"),
            ("another site", "403"),
            ("a name that was bent here", "421"),
            ("a form without its hand", "403"),
            ("no session", "401"),
        ]
    );
    assert!(desk.jobs().await.is_empty() && desk.acts().await.is_empty(), "none of it did anything");

    let said = browser.post(path, "target=example.org").await;
    assert_eq!(said.status, "303", "{}", said.body);
    let jobs = desk.jobs().await;
    assert_eq!(jobs.len(), 1);
    let receipt = browser.get(said.header("location").unwrap()).await;
    assert!(receipt.body.contains(&format!("Job {} was asked for", jobs[0].job.id)), "{}", receipt.body);
    assert_eq!(desk.acts().await[0].actor, "web desk");
    let bad = browser.post(path, "target=gemini%3A%2F%2F").await;
    assert_eq!(bad.status, "400");
    assert!(bad.body.contains("is not the URL of a page"), "{}", bad.body);
    assert_eq!(browser.post("/admin/do/purge", "target=%2A").await.status, "400", "never everything");
}

#[tokio::test]
async fn the_desk_opens_to_pinned_certificates_and_the_proof_of_their_keys() {
    let desk = Desk::open().await;
    let (ann, other, late) = (Identity::until(2089), Identity::until(2089), Identity::until(2020));
    desk.keys.pin(ann.fingerprint(), "ann").unwrap();
    desk.keys.pin(late.fingerprint(), "late").unwrap();
    assert!(desk.gemini(nobody(), "/admin").await.starts_with("60 "));
    let unknown = desk.gemini(other.shown(), "/admin").await;
    assert!(unknown.starts_with("61 "), "{unknown}");
    assert!(unknown.contains(&format!("sextant admin pin sha256:{}", other.fingerprint())), "{unknown}");
    assert!(desk.gemini(late.shown(), "/admin").await.starts_with("62 "));
    let page = desk.gemini(ann.shown(), "/admin").await;
    assert!(page.starts_with("20 text/gemini"), "{page}");
    assert!(
        desk.gemini(other.shown(), "/").await.starts_with("20 "),
        "a stranger's is no reason on public screens"
    );

    // The certificate is no secret; without its key the handshake fails, in both versions.
    for (path, version) in [("/admin", &TLS13), ("/admin", &TLS12), ("/", &TLS13), ("/", &TLS12)] {
        let request = format!("gemini://localhost{path}\r\n");
        let owned = desk.gemini(ann.shown_with(&ann.key, version), path).await;
        assert!(owned.starts_with("20 "), "{version:?}: {owned}");
        let copied = ann.shown_with(&other.key, version);
        let handshake = async {
            let stream = TcpStream::connect(desk.house.gemini).await?;
            let name = "localhost".try_into().unwrap();
            let mut stream = tokio_rustls::TlsConnector::from(Arc::new(copied)).connect(name, stream).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut said = Vec::new();
            stream.read_to_end(&mut said).await.map(|_| said)
        };
        let ended = tokio::time::timeout(LIMIT, handshake).await.unwrap();
        assert!(ended.is_err(), "a copy without the key got {ended:?}");
    }

    desk.keys.unpin(ann.fingerprint()).unwrap();
    assert!(desk.gemini(ann.shown(), "/admin").await.starts_with("61 "), "at once, without a restart");
}

#[tokio::test]
async fn what_is_grave_is_asked_for_once_more_and_strangers_links_do_nothing() {
    let desk = Desk::open().await;
    let (ann, ben) = (Identity::until(2089), Identity::until(2089));
    desk.keys.pin(ann.fingerprint(), "ann").unwrap();
    desk.keys.pin(ben.fingerprint(), "ben").unwrap();
    let ask = async |path: &str| desk.gemini(ann.shown(), path).await;

    assert!(ask("/admin/consider/purge").await.starts_with("10 "));
    let looked_at = ask("/admin/consider/purge?spam.example").await;
    let way = link(&looked_at, "Purge: spam.example").to_owned();
    let last_word = ask(&way).await;
    assert!(last_word.starts_with("10 Type yes"), "{last_word}");
    assert_eq!(ask(&format!("{way}?no")).await.trim_end(), "30 /admin");
    assert!(desk.jobs().await.is_empty() && desk.acts().await.is_empty(), "nothing was done yet");
    // The same way in somebody else's hands, or with a hand that somebody made up.
    let others = desk.gemini(ben.shown(), &format!("{way}?yes")).await;
    assert_eq!(others.trim_end(), "30 /admin/consider/purge?spam.example");
    let made_up = ask("/admin/do/0123456789abcdef0123456789abcdef/recrawl/%2A").await;
    assert_eq!(made_up.trim_end(), "30 /admin/consider/recrawl?*");
    assert!(desk.jobs().await.is_empty() && desk.acts().await.is_empty(), "nothing was done still");

    let done = ask(&format!("{way}?yes%20it%20is%20spam")).await;
    assert!(done.starts_with("30 /admin/runs?"), "{done}");
    let act = desk.acts().await.remove(0);
    assert_eq!((act.actor.as_str(), act.act.as_str()), ("certificate:ann", "purge"));
    assert_eq!((act.target.as_str(), act.note.as_str()), ("spam.example", "it is spam"));

    // What is light is done by its link, and can be undone by the next.
    let looked_at = ask("/admin/consider/pause?*.example").await;
    assert_eq!(ask(link(&looked_at, "Pause: *.example")).await.trim_end(), "30 /admin/capsules");
    let capsules = ask("/admin/capsules").await;
    assert_eq!(ask(link(&capsules, "Resume: *.example")).await.trim_end(), "30 /admin/capsules");
    assert!(!ask("/admin/capsules").await.contains("*.example"));
}

#[tokio::test]
async fn what_visitors_reported_is_judged_and_rules_are_made_and_lifted() {
    let desk = Desk::open().await;
    let (browser, ann) = (desk.inside().await, Identity::until(2089));
    desk.keys.pin(ann.fingerprint(), "ann").unwrap();
    for about in ["gemini://a.example/me", "b.example", "the page about me"] {
        acts::report::report(&desk.store(), about, "it is mine").await.unwrap();
    }
    let page = browser.get("/admin").await.body;
    assert!(page.contains("3 reports of visitors wait for your judgment."), "{page}");
    let looked_at = browser.get("/admin/consider/take-down?q=1").await.body;
    assert!(looked_at.contains("gemini://a.example/me") && looked_at.contains("it is mine"), "{looked_at}");
    let said = browser.post("/admin/do/take-down", "target=1&note=we+are+sorry").await;
    assert_eq!(said.header("location"), Some("/admin/reports"), "{}", said.body);
    assert_eq!(browser.post("/admin/do/shut-out", "target=3").await.status, "400", "it names nothing");
    assert_eq!(browser.post("/admin/do/decline", "target=99").await.status, "404");
    let looked_at = desk.gemini(ann.shown(), "/admin/consider/decline?2").await;
    let way = link(&looked_at, "Decline: 2").to_owned();
    let declined = desk.gemini(ann.shown(), &format!("{way}?yes%20it%20is%20public")).await;
    assert_eq!(declined.trim_end(), "30 /admin/reports");
    let reports = browser.get("/admin/reports").await.body;
    assert!(reports.contains("1 report of a visitor waits") && reports.contains("we are sorry"), "{reports}");
    assert!(reports.contains("it is public"), "{reports}");

    let rehearsed = browser.get("/admin/consider/exclude?q=address%3A192.0.2.0%2F24").await.body;
    assert!(rehearsed.contains("No page that can be found would be touched"), "{rehearsed}");
    let said = browser.post("/admin/do/exclude", "target=address%3A192.0.2.0%2F24&note=a+farm").await;
    assert!(said.header("location").unwrap().starts_with("/admin/runs?q="), "{}", said.body);
    assert_eq!(browser.post("/admin/do/exclude", "target=%2A").await.status, "400", "never everything");
    let rules = desk.gemini(ann.shown(), "/admin/rules").await;
    assert!(rules.contains("a farm"), "{rules}");
    let lifted = desk.gemini(ann.shown(), link(&rules, "Lift: address:192.0.2.0/24")).await;
    assert!(lifted.starts_with("30 /admin/runs?"), "{lifted}");
    assert!(!desk.gemini(ann.shown(), "/admin/rules").await.contains("a farm"));
    let acts: Vec<String> = desk.acts().await.into_iter().map(|act| act.act).collect();
    assert_eq!(acts, ["lift", "exclude", "report", "report"], "each is written down once");
}
