//! Request, header, body: what is said once the hands are shaken.
//!
//! What has arrived stands in [`Received`], outside of the future that reads, so that a limit that drops the
//! future (and with it the connection) keeps the text that came before. The header is read byte-exactly
//! whatever the splits of records and segments, and never without a limit. The write side stays open to the
//! end, for some servers cut their answer when they see it close.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use shared::gemini::media_type::MediaType;
use shared::gemini::request::request_line;
use shared::gemini::response::ResponseHeader;
use shared::gemini::url::GeminiUrl;
use shared::store::outcome::Stage;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::fetched::{Ending, FetchError, SeenCertificate, Want};
use super::limits::{Limit, Limits};

/// What has arrived so far.
#[derive(Debug)]
pub(super) struct Received {
    /// The stage that was reached.
    pub(super) stage: Stage,
    /// What the handshake showed.
    pub(super) certificate: Option<SeenCertificate>,
    /// The header, once it is whole.
    pub(super) header: Option<ResponseHeader>,
    /// The bytes that belong to no earlier part: of the header first, then of the body.
    pub(super) bytes: Vec<u8>,
    /// What allows a large body.
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

/// What an exchange is allowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance<'a> {
    pub(super) want: Want,
    pub(super) limits: &'a Limits,
    pub(super) large: &'a Arc<Semaphore>,
}

impl Received {
    pub(super) const fn nothing() -> Self {
        Self { stage: Stage::Connect, certificate: None, header: None, bytes: Vec::new(), permit: None }
    }
}

/// Asks for the URL and reads the answer into `received`. Returns how its body ended.
pub(super) async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    url: &GeminiUrl,
    allowance: Allowance<'_>,
    received: &mut Received,
) -> Result<Ending, FetchError> {
    let limits = allowance.limits;
    received.stage = Stage::Request;
    let unsent = match timeout(limits.request, send(stream, url)).await {
        Ok(Ok(())) => None,
        // A server that refuses early may have said why before it reset the connection.
        Ok(Err(error)) => Some(error),
        Err(_elapsed) => return Err(FetchError::TimedOut { stage: Stage::Request, limit: limits.request }),
    };

    received.stage = Stage::Header;
    let line = match timeout(limits.header, read_line(stream, limits.header_bytes, &mut received.bytes)).await
    {
        Ok(Ok(line)) => line,
        Ok(Err(error)) => {
            return Err(unsent.map_or(error, |source| FetchError::from_io(Stage::Request, source)));
        }
        Err(_elapsed) => return Err(FetchError::TimedOut { stage: Stage::Header, limit: limits.header }),
    };
    let header = ResponseHeader::parse(&line).map_err(|source| FetchError::Header { source })?;
    let most = match &header {
        ResponseHeader::Success(media_type) => most_bytes(media_type, allowance.want, limits),
        ResponseHeader::Input { .. }
        | ResponseHeader::Redirect { .. }
        | ResponseHeader::TemporaryFailure { .. }
        | ResponseHeader::SlowDown { .. }
        | ResponseHeader::PermanentFailure { .. }
        | ResponseHeader::Certificate { .. } => None,
    };
    received.header = Some(header);
    received.stage = Stage::Body;
    match most {
        Some(most) => Ok(read_body(stream, most, allowance, received).await),
        None => {
            received.bytes.clear();
            Ok(Ending::NotRead)
        }
    }
}

/// The types besides `text/` whose text is wanted whole: feeds.
const TEXT_TYPES: [&str; 4] =
    ["application/atom+xml", "application/rss+xml", "application/xml", "application/feed+json"];

/// How much of a body is read; none: nothing of it.
fn most_bytes(media_type: &MediaType, want: Want, limits: &Limits) -> Option<usize> {
    let text = media_type.is_text() || TEXT_TYPES.contains(&media_type.essence());
    match want {
        Want::Robots => media_type.is_text().then_some(limits.robots_bytes),
        Want::Page if text => Some(limits.text_bytes),
        Want::Page => media_type.essence().starts_with("image/").then_some(limits.image_bytes),
    }
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, url: &GeminiUrl) -> io::Result<()> {
    stream.write_all(&request_line(url)).await?;
    stream.flush().await
}

/// Reads up to the first line feed and returns the line without its end; what came after it stays in `bytes`.
async fn read_line<S: AsyncRead + Unpin>(
    stream: &mut S,
    limit: usize,
    bytes: &mut Vec<u8>,
) -> Result<Vec<u8>, FetchError> {
    loop {
        let searched = bytes.iter().take(limit).position(|byte| *byte == b'\n');
        if let Some(end) = searched {
            let rest = bytes.split_off(end + 1);
            let mut line = std::mem::replace(bytes, rest);
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok(line);
        }
        if limit <= bytes.len() {
            return Err(FetchError::HeaderTooLong { limit });
        }
        bytes.reserve(CHUNK);
        match stream.read_buf(bytes).await {
            Ok(0) => return Err(FetchError::HeaderCut { received: bytes.len(), source: None }),
            Ok(_) => (),
            // A server that demands a client certificate says so by an alert after the handshake.
            Err(source) if source.kind() == io::ErrorKind::InvalidData => {
                return Err(FetchError::Tls { source });
            }
            Err(source) => {
                return Err(FetchError::HeaderCut { received: bytes.len(), source: Some(source) });
            }
        }
    }
}

/// Room that is made for each read.
const CHUNK: usize = 8 * 1024;

/// Reads the body until it ends or a limit ends it. The whole visit's limit is the caller's.
async fn read_body<S: AsyncRead + Unpin>(
    stream: &mut S,
    most: usize,
    allowance: Allowance<'_>,
    received: &mut Received,
) -> Ending {
    let limits = allowance.limits;
    let mut tempo = Tempo::begin(limits);
    loop {
        if most < received.bytes.len() {
            received.bytes.truncate(most);
            return Ending::CutByLimit(Limit::Size);
        }
        if limits.large_bytes < received.bytes.len() && received.permit.is_none() {
            match timeout(limits.between_reads, Arc::clone(allowance.large).acquire_owned()).await {
                Ok(Ok(permit)) => received.permit = Some(permit),
                // The semaphore is never closed; were it, no large body could be held either.
                Ok(Err(_)) | Err(_) => {
                    received.bytes.truncate(limits.large_bytes);
                    return Ending::CutByLimit(Limit::Permits);
                }
            }
            // The wait was ours, not the server's.
            tempo = Tempo::begin(limits);
        }
        received.bytes.reserve(CHUNK);
        match timeout_at(tempo.next_deadline(), stream.read_buf(&mut received.bytes)).await {
            Ok(Ok(0)) => return Ending::Complete,
            Ok(Ok(read)) => tempo.came(read),
            Ok(Err(error)) => {
                let ending = broken(&error);
                if ending == Ending::CutByTlsError {
                    keep_what_was_decrypted(stream, most, &mut received.bytes).await;
                }
                return ending;
            }
            Err(_elapsed) => {
                if let Some(limit) = tempo.judge() {
                    return Ending::CutByLimit(limit);
                }
            }
        }
    }
}

/// What an error in the body means.
fn broken(error: &io::Error) -> Ending {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Ending::WithoutCloseNotify,
        io::ErrorKind::InvalidData => Ending::CutByTlsError,
        _ => Ending::CutByReset,
    }
}

/// Records before a broken one were good. They are in memory, so these reads do not wait; after them the
/// stream repeats its error.
async fn keep_what_was_decrypted<S: AsyncRead + Unpin>(stream: &mut S, most: usize, bytes: &mut Vec<u8>) {
    while bytes.len() < most {
        bytes.reserve(CHUNK);
        match timeout(Duration::ZERO, stream.read_buf(bytes)).await {
            Ok(Ok(0) | Err(_)) | Err(_) => break,
            Ok(Ok(_)) => (),
        }
    }
    bytes.truncate(most);
}

/// How fast the body must come: something between any two reads, and enough in each window.
struct Tempo<'a> {
    limits: &'a Limits,
    last_read: Instant,
    window_ends: Instant,
    in_window: usize,
}

impl<'a> Tempo<'a> {
    fn begin(limits: &'a Limits) -> Self {
        let now = Instant::now();
        Self { limits, last_read: now, window_ends: now + limits.window, in_window: 0 }
    }

    fn next_deadline(&self) -> Instant {
        self.window_ends.min(self.last_read + self.limits.between_reads)
    }

    fn came(&mut self, bytes: usize) {
        self.last_read = Instant::now();
        self.in_window += bytes;
    }

    /// A deadline has passed: the limit that was broken, or none when a window ended well.
    fn judge(&mut self) -> Option<Limit> {
        let now = Instant::now();
        let quiet = now - self.last_read;
        if self.limits.between_reads <= quiet {
            return Some(Limit::Silence);
        }
        if self.in_window < self.limits.least_bytes {
            // A short page whose server never closes is no drip, though its few bytes fell into this window.
            let drips = quiet < self.limits.window / 2;
            return Some(if drips { Limit::Rate } else { Limit::Silence });
        }
        self.window_ends = now + self.limits.window;
        self.in_window = 0;
        None
    }
}

#[cfg(test)]
mod tests;
