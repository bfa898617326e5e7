//! Certificates that strict libraries refuse lose no capsule. Each is made with openssl, served with OpenSSL, crawled
//! whole, and recorded.
//!
//! - X.509 version 1, an unknown critical extension, RSA of 1,024 bits, P-521, no alternative name, a wrong name, an end
//!   in the past, an end in the year 9999, a chain of a hundred;
//! - each certificate's fingerprint is known after the first visit.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/crawling.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod crawling;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crawler::config::Pace;
use shared::gemini::url::GeminiUrl;
use sqlx::{ConnectOptions as _, Row as _};

use crawling::World;

const P256: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
const P521: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp521r1"];

/// The server of all certificates, killed when dropped.
struct Servers(Child);

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn openssl(arguments: &[&str], folder: &Path) {
    let made = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "openssl {arguments:?}: {said}");
}

/// A self-signed certificate in `NAME.pem` with its key in `NAME.key`.
fn self_signed(folder: &Path, name: &str, key: &[&str], more: &[&str]) {
    let (certificate, private) = (format!("{name}.pem"), format!("{name}.key"));
    let subject = format!("/CN={name}.example");
    let common = ["req", "-x509", "-nodes", "-subj", &subject, "-out", &certificate, "-keyout", &private];
    openssl(&[&common, key, more].concat(), folder);
}

fn make_all(folder: &Path) {
    self_signed(folder, "critical", P256, &["-addext", "1.2.3.4.5=critical,ASN1:UTF8String:odd"]);
    self_signed(folder, "rsa1024", &["-newkey", "rsa:1024"], &[]);
    self_signed(folder, "p521", P521, &[]);
    self_signed(folder, "no-name", P256, &[]);
    self_signed(folder, "wrong-name", P256, &["-addext", "subjectAltName=DNS:other.example"]);
    self_signed(folder, "year-9999", P256, &["-days", "2912000"]);
    self_signed(folder, "chain", P256, &[]);
    let one = fs::read_to_string(folder.join("chain.pem")).unwrap();
    fs::write(folder.join("chain.pem"), one.repeat(100)).unwrap();
    self_signed(folder, "request", &["-newkey", "rsa:2048"], &[]);
    // Without extensions a signed request becomes version 1.
    openssl(
        &["x509", "-x509toreq", "-in", "request.pem", "-signkey", "request.key", "-out", "request.csr"],
        folder,
    );
    openssl(
        &["x509", "-req", "-in", "request.csr", "-signkey", "request.key", "-out", "version-1.pem"],
        folder,
    );
    fs::rename(folder.join("request.key"), folder.join("version-1.key")).unwrap();
    fs::remove_file(folder.join("request.pem")).unwrap();
    expired(folder);
}

/// openssl makes none that has ended; its own authority does, with dates of the past.
fn expired(folder: &Path) {
    let settings = "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n\
                    [p]\ncommonName=supplied\n";
    fs::write(folder.join("ca.conf"), settings).unwrap();
    fs::write(folder.join("index"), "").unwrap();
    fs::write(folder.join("serial"), "01\n").unwrap();
    let request =
        ["req", "-new", "-nodes", "-subj", "/CN=expired.example", "-out", "e.csr", "-keyout", "expired.key"];
    openssl(&[&request[..], P256].concat(), folder);
    let dates = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"];
    let sign = ["ca", "-batch", "-selfsign", "-config", "ca.conf", "-in", "e.csr", "-keyfile", "expired.key"];
    openssl(&[&sign[..], &dates, &["-notext", "-out", "expired.pem"]].concat(), folder);
    // The authority keeps a copy under its number.
    fs::remove_file(folder.join("01.pem")).unwrap();
}

/// Starts the servers; none where Python is not installed.
fn serve(folder: &Path) -> Option<(Servers, Vec<(String, SocketAddr)>)> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates/serve.py");
    let started =
        Command::new("python3").arg(program).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = started else {
        eprintln!("passed over: python3 is not installed");
        return None;
    };
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let servers = Servers(child);
    let routes = lines
        .map(|line| line.unwrap())
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let (name, port) = line.split_once(' ').unwrap();
            (format!("{name}.example"), SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().unwrap())))
        })
        .collect();
    Some((servers, routes))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_certificates_lose_no_capsule() {
    let folder = tempfile::tempdir().unwrap();
    make_all(folder.path());
    let Some((_servers, routes)) = serve(folder.path()) else { return };
    assert_eq!(routes.len(), 9, "every certificate can be served: {routes:?}");

    let world = World::new().await;
    let fronts: BTreeSet<GeminiUrl> =
        routes.iter().map(|(host, _)| GeminiUrl::parse(&format!("gemini://{host}/")).unwrap()).collect();
    crawler::plant(&world.store(), &fronts).await.unwrap();
    let hosts: BTreeSet<String> = routes.iter().map(|(host, _)| host.clone()).collect();
    let crawling = world.crawl_routes(routes, Pace::Unpaced, &[]);
    crawling.is_quiet().await;
    crawling.stop().await;

    let mut connection = world.scratch.options().connect().await.unwrap();
    let rows = sqlx::query(
        "select c.host, p.standing, (select count(*) from certificate k where k.capsule = c.id) as known
         from capsule c join page p on p.capsule = c.id",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let whole: BTreeSet<String> = rows
        .iter()
        .filter(|row| row.get::<&str, _>("standing") == "searchable" && row.get::<i64, _>("known") == 1)
        .map(|row| row.get("host"))
        .collect();
    assert_eq!(whole, hosts, "each capsule's page is found and its certificate known");
}
