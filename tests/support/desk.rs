//! The admin at the two doors of the desk: a browser at the socket of the web desk, and a client of Gemini that shows a
//! certificate.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

use crate::browser::{Said, exchange};
use crate::visitor;

/// A browser that has typed the token.
pub(crate) struct WebDesk {
    socket: PathBuf,
    cookie: String,
    hand: String,
}

impl WebDesk {
    /// Types the token.
    pub(crate) async fn open(socket: PathBuf, token: &str) -> Self {
        let mut desk = Self { socket, cookie: String::new(), hand: String::new() };
        let said = desk.ask("POST", "/admin/login", &format!("token={}", token.trim())).await;
        assert_eq!(said.status, "303", "{}", said.body);
        let cookie = said.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        cookie.expect("a session").clone_into(&mut desk.cookie);
        let page = desk.get("/admin").await;
        assert!(page.contains("<h1>Overview</h1>"), "{page}");
        let hand = page.split("name=\"hand\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        hand.expect("a form").clone_into(&mut desk.hand);
        desk
    }

    /// A screen.
    pub(crate) async fn get(&self, target: &str) -> String {
        self.ask("GET", target, "").await.body
    }

    /// Sends the form of a deed; the screen where what came of it is seen.
    pub(crate) async fn order(&self, deed: &str, target: &str) -> String {
        let form = format!("hand={}&target={target}", self.hand);
        let said = self.ask("POST", &format!("/admin/do/{deed}"), &form).await;
        said.header("location")
            .unwrap_or_else(|| panic!("a receipt for {deed} {target}: {}", said.body))
            .to_owned()
    }

    async fn ask(&self, method: &str, target: &str, form: &str) -> Said {
        let stream = UnixStream::connect(&self.socket).await.expect("the desk is open");
        let (length, cookie) = (form.len(), &self.cookie);
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\nconnection: close\r\n\
             content-length: {length}\r\ncookie: {cookie}\r\n"
        );
        exchange(stream, &head, form).await
    }
}

/// A client of Gemini that shows a certificate to this door.
pub(crate) struct GeminiDesk {
    door: SocketAddr,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl GeminiDesk {
    /// With the certificate and key of a file, as one command has made it.
    pub(crate) fn with(door: SocketAddr, file: &Path) -> Self {
        let certificate = CertificateDer::from_pem_file(file).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(file).expect("its key");
        Self { door, certificate, key }
    }

    /// What a path answers, and the certificate of whoever answers.
    pub(crate) async fn shown(&self, path: &str) -> (String, CertificateDer<'static>) {
        let client = visitor::client()
            .with_client_auth_cert(vec![self.certificate.clone()], self.key.clone_key())
            .expect("a client");
        let stream = TcpStream::connect(self.door).await.expect("the door is open");
        let name = "localhost".try_into().expect("a name");
        let mut stream =
            TlsConnector::from(Arc::new(client)).connect(name, stream).await.expect("a handshake");
        stream.write_all(format!("gemini://localhost{path}\r\n").as_bytes()).await.expect("it is taken");
        let mut said = String::new();
        stream.read_to_string(&mut said).await.expect("an answer");
        let theirs = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        (said, theirs.expect("a server shows a certificate").clone().into_owned())
    }

    /// Follows the link of a deed that is not grave; the answer's header.
    pub(crate) async fn order(&self, deed: &str, target: &str) -> String {
        let (page, _) = self.shown(&format!("/admin/consider/{deed}?{target}")).await;
        let link = page.lines().find(|line| line.starts_with("=> ") && line.ends_with(target));
        let link = link.and_then(|line| line.split(' ').nth(1)).unwrap_or_else(|| panic!("a link: {page}"));
        self.shown(link).await.0.trim_end().to_owned()
    }
}
