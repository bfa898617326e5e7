//! `sextant setup`, as an admin meets it.
//!
//! - it asks, checks, writes, and does nothing the second time; an existing file is not changed without a word, and a copy
//!   of it is kept; without questions everything that is missing is told at once;
//! - a crawl begins at the seeds that it names;
//! - `sextant up` with what it wrote runs as that host, with that certificate.

#[path = "support/program.rs"]
mod program;
#[path = "support/running.rs"]
mod running;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use program::{can_run, open_folder, sextant};
use running::Up;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// Far more than a start takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs setup with a script of answers.
fn setup(arguments: &[&str], answers: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sextant"))
        .arg("setup")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // It may end before it has read everything.
    let _unread = child.stdin.take().expect("a pipe").write_all(answers.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).expect("it is there").permissions().mode() & 0o777
}

#[tokio::test]
async fn a_machine_is_set_up_by_answers_and_runs_as_that_host() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let config = folder.path().join("sextant.toml");
    let state = folder.path().join("state");
    let (config_path, state_path) = (config.display().to_string(), state.display().to_string());
    let arguments = ["--config", &config_path, "--state", &state_path, "--no-service"];

    let first =
        setup(&arguments, "not a host!\nsearch.example www.search.example\nAnn\nann@search.example\nno\n");
    let told = said(&first);
    assert!(first.status.success(), "{told}");
    assert!(told.contains("\"not\" is no host name") || told.contains("is no host name"), "{told}");
    assert!(told.contains("open in the firewall: 1965 (Gemini), 8080 (the web)"), "{told}");
    let written = fs::read_to_string(&config).expect("a configuration");
    for line in [
        "host = [\"search.example\", \"www.search.example\"]",
        "contact = \"mailto:ann@search.example\"",
        "reach = \"routed\"",
    ] {
        assert!(written.contains(line), "{written}");
    }
    let key = state.join("server/key.pem");
    let certificate = fs::read(state.join("server/certificate.pem")).expect("a certificate");
    assert_eq!(mode(&key), 0o600);
    assert_eq!(mode(&config) & 0o007, 0, "a password in it is nobody's");
    let shown = Command::new("openssl")
        .args(["x509", "-noout", "-ext", "subjectAltName", "-enddate", "-in"])
        .arg(state.join("server/certificate.pem"))
        .output()
        .expect("openssl runs");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("DNS:search.example, DNS:www.search.example") && shown.contains(" 2090 "),
        "{shown}"
    );

    let again = setup(&[&arguments[..], &["--yes"]].concat(), "");
    assert!(said(&again).contains("sextant.toml is as it should be"), "{}", said(&again));
    assert_eq!(fs::read_to_string(&config).expect("a configuration"), written);
    let refused = setup(&[&arguments[..], &["--operator", "Bob"]].concat(), "\n\n\nno\n");
    assert!(
        !refused.status.success() && said(&refused).contains("nothing was changed"),
        "{}",
        said(&refused)
    );
    assert_eq!(fs::read_to_string(&config).expect("a configuration"), written);
    let changed = setup(&[&arguments[..], &["--operator", "Bob"]].concat(), "\n\n\nyes\n");
    assert!(changed.status.success(), "{}", said(&changed));
    assert_eq!(fs::read_to_string(folder.path().join("sextant.toml.before")).expect("a copy"), written);
    assert!(fs::read_to_string(&config).expect("a configuration").contains("operator = \"Bob\""));
    assert_eq!(fs::read(state.join("server/certificate.pem")).ok().as_ref(), Some(&certificate), "it stays");

    // It runs as that host: nobody else's certificate, and no other name is answered.
    let log = folder.path().join("log");
    let _up = Up::start(&state_path, &["--config".to_owned(), config_path.clone()], &[], &log);
    let door = door(&log).await;
    assert!(gemini(door, "search.example").await.starts_with("20 text/gemini"), "its own name");
    assert!(gemini(door, "other.example").await.starts_with("53"), "another name");
}

#[test]
fn without_questions_what_is_missing_is_told_at_once() {
    let folder = open_folder();
    let config = folder.path().join("sextant.toml").display().to_string();
    let output =
        sextant(&["--config", &config, "setup", "--yes", "--no-service", "--contact", "nobody"], &[]);
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("--host: the name of this copy is needed") && said.contains("--contact: \"nobody\""),
        "{said}"
    );
    assert!(!Path::new(&config).exists());
    fs::write(&config, "[server]\nhots = 1\n").expect("a file");
    let output = sextant(&["--config", &config, "setup", "--yes", "--no-service"], &[]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("server.hots"), "a broken file is named");
}

#[test]
fn a_crawl_begins_at_the_seeds_of_its_file() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let state = folder.path().join("state").display().to_string();
    let garden = folder.path().join("capsules/garden.example");
    fs::create_dir_all(&garden).expect("a capsule");
    fs::write(garden.join("index.gmi"), "# The garden\n").expect("a page");
    // Nobody links there.
    fs::write(garden.join("hidden.gmi"), "# The maze\nA minotaur dozes.\n").expect("a page");
    let seeds = folder.path().join("seeds.txt");
    fs::write(&seeds, "# Where it begins.\ngemini://garden.example/hidden.gmi\n").expect("seeds");
    let arguments = ["--space".to_owned(), folder.path().join("capsules").display().to_string()];
    let environment = [("SEXTANT_CRAWL_SEEDS", seeds.display().to_string())];
    let log = folder.path().join("log");
    let _up = Up::start(&state, &arguments, &environment, &log);
    let end = Instant::now() + PATIENCE;
    loop {
        let found = sextant(&["--state", &state, "search", "minotaur"], &[]);
        if String::from_utf8_lossy(&found.stdout).contains("gemini://garden.example/hidden.gmi") {
            return;
        }
        assert!(Instant::now() < end, "the seed is found: {}", fs::read_to_string(&log).unwrap_or_default());
    }
}

/// Where Gemini is served, as the log says.
async fn door(log: &Path) -> std::net::SocketAddr {
    let end = Instant::now() + PATIENCE;
    loop {
        let text = fs::read_to_string(log).unwrap_or_default();
        let line = text.lines().find(|line| line.contains("Gemini is served"));
        if let Some(address) = line.and_then(|line| line.rsplit_once("address=")) {
            return address.1.trim().parse().expect("an address");
        }
        assert!(Instant::now() < end, "no door opens: {text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// One request, by a client that trusts on first use.
async fn gemini(door: std::net::SocketAddr, host: &str) -> String {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trusting::Anyone(provider)))
        .with_no_client_auth();
    let name = "search.example".try_into().expect("a name");
    let asked = async {
        let socket = TcpStream::connect(door).await.expect("the door is open");
        let mut stream =
            tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, socket).await.expect("TLS");
        stream.write_all(format!("gemini://{host}/\r\n").as_bytes()).await.expect("a request");
        let mut answer = Vec::new();
        // Some servers end without a word.
        let _ended = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    timeout(PATIENCE, asked).await.expect("an answer")
}

/// A client's verifier that takes every certificate.
mod trusting {
    use std::sync::Arc;

    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::CryptoProvider;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{DigitallySignedStruct, Error, SignatureScheme};

    #[derive(Debug)]
    pub(super) struct Anyone(pub(super) Arc<CryptoProvider>);

    impl ServerCertVerifier for Anyone {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.0.signature_verification_algorithms;
            rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.0.signature_verification_algorithms;
            rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
}
