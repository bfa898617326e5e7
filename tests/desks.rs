//! The desk of the running program, opened with what one command makes: a token for the web, a certificate for Gemini.
//!
//! What is ordered at either door is done by the crawler and stands in the audit log; the command line shows the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../server/tests/support/browser.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod browser;
#[path = "support/program.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod program;
#[path = "support/running.rs"]
mod running;
#[path = "../server/tests/support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use browser::{Said, exchange};
use program::{can_run, open_folder, sextant};
use running::Up;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

/// No wait is longer.
const LIMIT: Duration = Duration::from_secs(120);

struct Home {
    state: String,
}

impl Home {
    fn admin(&self, arguments: &[&str]) -> String {
        let all: Vec<&str> = ["--state", &self.state, "admin"].iter().chain(arguments).copied().collect();
        let output = sextant(&all, &[]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// Asks the desk on its socket.
    async fn ask(&self, method: &str, target: &str, cookie: &str, form: &str) -> Option<Said> {
        let stream = UnixStream::connect(format!("{}/desk.sock", self.state)).await.ok()?;
        let length = form.len();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\nconnection: close\r\n\
             content-length: {length}\r\ncookie: {cookie}\r\n"
        );
        Some(exchange(stream, &head, form).await)
    }
}

/// The door that the log names.
fn gemini_door(log: &Path) -> Option<SocketAddr> {
    let text = fs::read_to_string(log).ok()?;
    let line = text.lines().find(|line| line.contains("Gemini is served"))?;
    line.split("address=").nth(1)?.trim().parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_command_makes_the_key_to_each_door() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let (capsules, log) = (folder.path().join("capsules"), folder.path().join("log"));
    fs::create_dir_all(capsules.join("garden.example")).expect("a capsule");
    fs::write(capsules.join("garden.example/index.gmi"), "# The garden\nFrogs sing.\n").expect("a page");
    let home = Home { state: folder.path().join("state").display().to_string() };
    let space = ["--space".to_owned(), capsules.display().to_string()];
    let listen = [("SEXTANT_ADMIN_LISTEN", format!("{}/desk.sock", home.state))];
    let _up = Up::start(&home.state, &space, &listen, &log);
    let end = Instant::now() + LIMIT;
    let gemini = loop {
        // Each look is a process that waits for the database by itself.
        let looked = sextant(&["--state", &home.state, "admin", "status"], &[]);
        match (looked.status.success(), gemini_door(&log)) {
            (true, Some(door)) => break door,
            _ => assert!(Instant::now() < end, "{}", fs::read_to_string(&log).unwrap_or_default()),
        }
    };

    let token = home.admin(&["token"]);
    assert_eq!(token.trim().len(), 64, "256 bits");
    let said = home.ask("POST", "/admin/login", "", &format!("token={}", token.trim())).await;
    let said = said.expect("the desk is open");
    assert_eq!(said.status, "303", "{}", said.body);
    let cookie = said.header("set-cookie").and_then(|cookie| cookie.split(';').next()).expect("a session");
    let page = home.ask("GET", "/admin", cookie, "").await.expect("a page").body;
    assert!(page.contains("<h1>Overview</h1>"), "{page}");
    let hand = page.split("name=\"hand\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let form = format!("hand={}&target=garden.example", hand.expect("a form"));
    let ordered = home.ask("POST", "/admin/do/recrawl", cookie, &form).await.expect("an answer");
    let receipt = ordered.header("location").expect("a receipt").to_owned();
    let end = Instant::now() + LIMIT;
    loop {
        let page = home.ask("GET", &receipt, cookie, "").await.expect("a page").body;
        if page.contains("was asked for: done.") {
            break;
        }
        assert!(Instant::now() < end, "the crawler does not do it: {page}");
    }

    let told = home.admin(&["certificate", "ann"]);
    let file = told.lines().next().expect("the file's path");
    assert_eq!(fs::metadata(file).expect("a file").permissions().mode() & 0o777, 0o600);
    let certificate = CertificateDer::from_pem_file(file).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(file).expect("its key");
    let shown = |path: String| {
        let client = visitor::client().with_client_auth_cert(vec![certificate.clone()], key.clone_key());
        by_gemini(gemini, client.expect("a client"), path)
    };
    let page = shown("/admin/consider/pause?garden.example".to_owned()).await;
    let link = page.lines().find(|line| line.ends_with("Pause: garden.example")).expect("a link");
    let done = shown(link.split(' ').nth(1).expect("its target").to_owned()).await;
    assert_eq!(done.trim_end(), "30 /admin/capsules");
    assert!(home.admin(&["capsules"]).contains("garden.example"));
    let audit = home.admin(&["audit"]);
    for line in ["recrawl garden.example", "web desk", "pause garden.example", "certificate:ann"] {
        assert!(audit.contains(line), "{line}: {audit}");
    }
    let fingerprint = told.split_whitespace().find(|word| word.starts_with("sha256:")).expect("it is told");
    assert!(home.admin(&["pins"]).contains(fingerprint));
    home.admin(&["unpin", fingerprint]);
    assert!(shown("/admin".to_owned()).await.starts_with("61 "), "at once");
}

async fn by_gemini(door: SocketAddr, client: rustls::ClientConfig, path: String) -> String {
    let stream = TcpStream::connect(door).await.expect("the door is open");
    let name = "localhost".try_into().expect("a name");
    let mut stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.expect("a handshake");
    stream.write_all(format!("gemini://localhost{path}\r\n").as_bytes()).await.expect("it is taken");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("an answer");
    said
}
