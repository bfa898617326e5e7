//! One request: read to its CRLF, judged by the protocol's rules, answered, closed.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use rustls::pki_types::CertificateDer;
use shared::gemini::request::{Request, parse_request};
use shared::gemini::url::MAX_URL_BYTES;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::server::TlsStream;

use super::desk;
use super::identity::Hands;
use crate::accept::count;
use crate::app::App;
use crate::ask::Ask;
use crate::config::Limits;
use crate::limits::{COME_AGAIN, Pass};
use crate::names::{Names, Whose};
use crate::paths;
use crate::people::Visitor;
use crate::render;
use crate::render::answer::Answer;
use crate::render::problem::Problem;
use crate::route;
use crate::route::guarded::guarded;

/// Whose a request is: of Gemini, and to a port of ours.
fn judge(names: &Names, request: &Request, local: Option<IpAddr>) -> Whose {
    if request.scheme != "gemini" || !names.has_port(request.effective_port()) {
        return Whose::Foreign;
    }
    names.whose(&request.host, local)
}

/// What answering needs.
pub(super) struct House<'a> {
    /// What the screens use.
    pub(super) app: &'a App,
    /// The names that are ours.
    pub(super) names: &'a Names,
    /// What the desk's screens carry.
    pub(super) hands: &'a Hands,
}

/// Who asks, as far as the door can tell.
struct Caller {
    visitor: Visitor,
    /// The address that they connected to.
    local: Option<IpAddr>,
    /// The certificate that they showed, whose key they have.
    certificate: Option<CertificateDer<'static>>,
}

/// Serves the one request of a connection.
pub(super) async fn serve(
    mut stream: TlsStream<TcpStream>,
    visitor: Visitor,
    pass: &Pass,
    house: &House<'_>,
    limits: &Limits,
) {
    let end = Instant::now() + limits.answer;
    let (socket, session) = stream.get_ref();
    let caller = Caller {
        visitor,
        local: socket.local_addr().ok().map(|address| address.ip()),
        certificate: session
            .peer_certificates()
            .and_then(|chain| chain.first())
            .map(|first| first.clone().into_owned()),
    };
    let line = timeout(limits.request, read_line(&mut stream)).await;
    let answer = match line {
        Ok(Ok(line)) => match timeout_at(end, guarded(answer(&line, &caller, pass, house))).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(problem)) => render::gemtext(&Err(problem)),
            Err(_elapsed) => render::gemtext(&Err(Problem::Busy { retry_after: COME_AGAIN })),
        },
        Ok(Err(problem)) => render::gemtext(&Err(problem)),
        // The client left in the middle of its request, or took too long over it.
        Err(_elapsed) => {
            render::gemtext(&Err(Problem::Malformed("the request did not come in time".to_owned())))
        }
    };
    count("gemini", &answer);
    let written = timeout_at(end, async {
        stream.write_all(&answer).await?;
        stream.flush().await
    });
    // Whether the client reads to the end is its own affair; `close_notify` goes out in any case.
    if written.await.is_err() {
        tracing::debug!("a visitor read its answer too slowly");
    }
    drop(timeout(Duration::from_secs(1), stream.shutdown()).await);
    discard_the_rest(stream.get_ref().0);
}

/// What a client sent beyond its request (a flood, an upload) would turn our close into a reset, and a reset
/// can take the answer with it: what is here already is read away, without waiting for more.
fn discard_the_rest(stream: &TcpStream) {
    let mut rest = [0; 4_096];
    for _ in 0..64 {
        match stream.try_read(&mut rest) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
}

/// Reads up to CRLF, whatever the records.
async fn read_line(stream: &mut TlsStream<TcpStream>) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::with_capacity(256);
    loop {
        if let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") {
            bytes.truncate(end);
            return Ok(bytes);
        }
        if MAX_URL_BYTES + 2 <= bytes.len() {
            return Err(Problem::Malformed("the request is longer than 1,024 bytes".to_owned()));
        }
        if bytes.contains(&b'\n') {
            return Err(Problem::Malformed("the request does not end in CR LF".to_owned()));
        }
        match stream.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => return Err(Problem::Malformed("the request has no end".to_owned())),
            Ok(_) => {}
        }
    }
}

async fn answer(line: &[u8], caller: &Caller, pass: &Pass, house: &House<'_>) -> Vec<u8> {
    let request = match parse_request(line) {
        Ok(request) => request,
        Err(error) => return render::gemtext(&Err(Problem::Malformed(error.to_string()))),
    };
    let ask = match judge(house.names, &request, caller.local) {
        Whose::Ours => Ask::by_gemini(&request.path, request.query.as_deref()),
        Whose::OurAddress => Ask::by_gemini(paths::CRAWLER, None),
        Whose::Foreign => return render::gemtext(&Err(Problem::ForeignHost)),
    };
    let answer = match pass.ask() {
        Ok(_) if paths::desk::is_desk(&ask.path) => at_the_desk(&ask, caller, house).await,
        Ok(extras) => route::public(house.app, &ask.of(caller.visitor).with(extras)).await,
        Err(problem) => route::refused(&ask, problem),
    };
    render::gemtext(&answer)
}

/// The desk, for who may be there.
async fn at_the_desk(ask: &Ask, caller: &Caller, house: &House<'_>) -> Result<Answer, Problem> {
    let keys = &house.app.keys;
    let admin = house.hands.admin(caller.certificate.as_ref(), keys, SystemTime::now())?;
    desk::answer(house.app, ask, &admin).await
}
