//! The Spartan door: plain TCP, one request a connection, the same screens from the same gemtext.
//!
//! A request is `HOST PATH LENGTH` and CRLF, then so many bytes of data: the visitor's words. It comes in under the
//! gate's pass and two limits in time, is answered, and closed. The specification is <spartan://spartan.mozz.us>.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use shared::gemini::host::Host;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::accept::{accept, count, listen};
use crate::app::App;
use crate::ask::Ask;
use crate::config::{Config, Limits};
use crate::limits::{COME_AGAIN, Gate, Pass};
use crate::names::{Names, Whose};
use crate::paths;
use crate::people::Visitor;
use crate::render::problem::Problem;
use crate::render::spartan::response;
use crate::route;
use crate::route::guarded::guarded;

/// Bytes of a request line at most, without its CRLF: a host, a path, a number.
const LINE: usize = 1_300;
/// Bytes of data at most: as many as a Gemini request may have.
const DATA: usize = 1_024;

/// An address is taken, or not ours.
#[derive(Debug, thiserror::Error)]
#[error("spartan cannot listen on {address}")]
pub struct SpartanError {
    /// Which one.
    pub address: SocketAddr,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// The open door; without an address nobody comes in.
#[derive(Debug)]
pub struct SpartanDoor {
    listeners: Vec<TcpListener>,
    visit: Visit,
    gate: Gate,
}

/// What each visit needs.
#[derive(Clone)]
struct Visit {
    app: Arc<App>,
    names: Arc<Names>,
    limits: Limits,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// A request that keeps the rules.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    host: Host,
    path: String,
    length: usize,
}

impl SpartanDoor {
    /// Binds all addresses.
    ///
    /// # Errors
    ///
    /// When one is taken.
    pub async fn bind(config: &Config, app: Arc<App>, gate: Gate) -> Result<Self, SpartanError> {
        let mut listeners = Vec::new();
        for &address in &config.spartan {
            let bound = listen(address);
            listeners.push(bound.map_err(|source| SpartanError { address, source })?);
        }
        let names = Arc::new(Names::new(config, Vec::new()));
        Ok(Self { listeners, visit: Visit { app, names, limits: config.limits }, gate })
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves until stopped, and then until the last visitor has an answer.
    pub async fn run(self, stop: CancellationToken) {
        let mut doors = JoinSet::new();
        for listener in self.listeners {
            let visit = self.visit.clone();
            doors.spawn(accept(listener, self.gate.clone(), stop.clone(), move |stream, visitor, pass| {
                visit.clone().one(stream, visitor, pass)
            }));
        }
        while doors.join_next().await.is_some() {}
    }
}

impl Visit {
    /// One connection from its first byte to its end. `pass` goes back when it ends, however it ends.
    async fn one(self, mut stream: TcpStream, visitor: Visitor, pass: Pass) {
        let end = Instant::now() + self.limits.answer;
        let local = stream.local_addr().ok().map(|address| address.ip());
        let answer = match timeout(self.limits.request, read(&mut stream)).await {
            Ok(Ok((request, words))) => {
                let answering = guarded(self.answer(&request, words, visitor, local, &pass));
                match timeout_at(end, answering).await {
                    Ok(Ok(bytes)) => bytes,
                    Ok(Err(problem)) => response(&Err(problem)),
                    Err(_elapsed) => response(&Err(Problem::Busy { retry_after: COME_AGAIN })),
                }
            }
            Ok(Err(problem)) => response(&Err(problem)),
            Err(_elapsed) => {
                response(&Err(Problem::Malformed("the request did not come in time".to_owned())))
            }
        };
        count("spartan", &answer);
        let written = timeout_at(end, async {
            stream.write_all(&answer).await?;
            stream.shutdown().await
        });
        if !matches!(written.await, Ok(Ok(()))) {
            tracing::debug!("a visitor left, or read its answer too slowly");
        }
        drop(pass);
    }

    async fn answer(
        &self,
        request: &Request,
        words: String,
        visitor: Visitor,
        local: Option<IpAddr>,
        pass: &Pass,
    ) -> Vec<u8> {
        let ask = match self.names.whose(&request.host, local) {
            Whose::Ours => Ask::by_spartan(&request.path, words),
            Whose::OurAddress => Ask::by_spartan(paths::CRAWLER, String::new()),
            Whose::Foreign => return response(&Err(Problem::ForeignHost)),
        };
        let answer = match pass.ask() {
            Ok(extras) => route::public(&self.app, &ask.of(visitor).with(extras)).await,
            Err(problem) => route::refused(&ask, problem),
        };
        response(&answer)
    }
}

/// Reads the line and its data.
async fn read(stream: &mut TcpStream) -> Result<(Request, String), Problem> {
    let mut bytes = Vec::with_capacity(256);
    let end = loop {
        if let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") {
            break end;
        }
        if LINE + 2 <= bytes.len() {
            return Err(Problem::Malformed("the request is longer than 1,300 bytes".to_owned()));
        }
        more(stream, &mut bytes).await?;
    };
    let request = parse(bytes.get(..end).unwrap_or_default())?;
    let mut data = bytes.split_off(end + 2);
    while data.len() < request.length {
        more(stream, &mut data).await?;
    }
    data.truncate(request.length);
    let words = String::from_utf8(data)
        .map_err(|_| Problem::Malformed("the data of the request are not UTF-8".to_owned()))?;
    Ok((request, words))
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Result<(), Problem> {
    match stream.read_buf(bytes).await {
        Ok(0) | Err(_) => Err(Problem::Malformed("the request has no end".to_owned())),
        Ok(_) => Ok(()),
    }
}

fn parse(line: &[u8]) -> Result<Request, Problem> {
    let malformed = |what: &str| Problem::Malformed(what.to_owned());
    let line = std::str::from_utf8(line).map_err(|_| malformed("the request is not UTF-8"))?;
    let mut parts = line.split(' ');
    let (Some(host), Some(path), Some(length), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed("a request is a host, a path and a length"));
    };
    let host = Host::parse(host).map_err(|_| malformed("the request names no host"))?;
    if !path.starts_with('/') {
        return Err(malformed("the path does not begin with a slash"));
    }
    let digits = length.bytes().all(|byte| byte.is_ascii_digit());
    let length: usize =
        length.parse().ok().filter(|_| digits).ok_or_else(|| malformed("the length is no number"))?;
    if DATA < length {
        return Err(malformed("the data are longer than 1,024 bytes"));
    }
    Ok(Request { host, path: path.to_owned(), length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_is_read_or_refused_with_the_rule() {
        let host = Host::parse("a.example").unwrap();
        let fine = Request { host, path: "/search".to_owned(), length: 5 };
        assert_eq!(parse(b"a.example /search 5"), Ok(fine));
        for (line, rule) in [
            ("", "a request is a host, a path and a length"),
            ("a.example /", "a request is a host, a path and a length"),
            ("a.example / 0 0", "a request is a host, a path and a length"),
            ("a.example search 0", "the path does not begin with a slash"),
            ("a_b! / 0", "the request names no host"),
            ("a.example / +5", "the length is no number"),
            ("a.example / -1", "the length is no number"),
            ("a.example / 1025", "the data are longer than 1,024 bytes"),
        ] {
            assert_eq!(parse(line.as_bytes()), Err(Problem::Malformed(rule.to_owned())), "{line}");
        }
    }
}
