//! A browser at the desk, as far as the desk can tell: raw HTTP, a cookie, and the hand of the page it was shown.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing at the desk takes longer.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: String,
    head: String,
    pub(crate) body: String,
}

impl Said {
    /// A header, as it was sent.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Somebody at the desk.
pub(crate) struct Browser {
    pub(crate) desk: SocketAddr,
    pub(crate) cookie: String,
    pub(crate) hand: String,
}

impl Browser {
    pub(crate) fn at(desk: SocketAddr) -> Self {
        Self { desk, cookie: String::new(), hand: String::new() }
    }

    /// Types the token.
    pub(crate) async fn log_in(&mut self, token: &str) -> Said {
        let said = self.post("/admin/login", &format!("token={token}")).await;
        if let Some((cookie, _)) = said.header("set-cookie").and_then(|cookie| cookie.split_once(';')) {
            self.cookie = cookie.to_owned();
            let page = self.get("/admin").await;
            let hand = page.body.split("name=\"hand\" value=\"").nth(1).and_then(|rest| rest.split_once('"'));
            self.hand = hand.expect("a form of the desk").0.to_owned();
        }
        said
    }

    pub(crate) async fn get(&self, target: &str) -> Said {
        self.ask("GET", target, "", "").await
    }

    /// Sends a form as a page of the desk would.
    pub(crate) async fn post(&self, target: &str, form: &str) -> Said {
        let form = if self.hand.is_empty() { form.to_owned() } else { format!("hand={}&{form}", self.hand) };
        let origin = format!("origin: http://{}\r\n", self.desk);
        self.ask("POST", target, &origin, &form).await
    }

    /// Asks as it is told to.
    pub(crate) async fn ask(&self, method: &str, target: &str, headers: &str, body: &str) -> Said {
        let stream = TcpStream::connect(self.desk).await.unwrap();
        let host = if headers.to_lowercase().contains("host: ") {
            String::new()
        } else {
            format!("host: {}\r\n", self.desk)
        };
        exchange(stream, &format!("{}{host}{headers}", self.head(method, target, body)), body).await
    }

    fn head(&self, method: &str, target: &str, body: &str) -> String {
        let length = body.len();
        let cookie =
            if self.cookie.is_empty() { String::new() } else { format!("cookie: {}\r\n", self.cookie) };
        format!("{method} {target} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n{cookie}")
    }
}

/// Sends a request and reads its answer to the end.
pub(crate) async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    head: &str,
    body: &str,
) -> Said {
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.unwrap();
    let mut said = Vec::new();
    drop(timeout(LIMIT, stream.read_to_end(&mut said)).await.expect("an answer has an end"));
    let said = String::from_utf8(said).unwrap();
    let (head, body) = said.split_once("\r\n\r\n").unwrap_or((&said, ""));
    let (first, head) = head.split_once("\r\n").unwrap_or((head, ""));
    Said {
        status: first.split(' ').nth(1).unwrap_or_default().to_owned(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
