//! What happened: one entry for every connection that a listener accepted, with its times.
//!
//! A connection enters the log when it is accepted, learns its host from the handshake and its URL from the
//! request line, and is finished when our side begins to close or sees that the client left. Tests judge
//! politeness and leaks by this log alone, so it is written by the server's side only. The newest entries
//! are kept (100,000 unless told), so that a space can run for months.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How far the end of a connection, learned from the client's side, can lag behind what the client did: a loaded
/// machine wakes us late.
const NOTICED_LATE: Duration = Duration::from_secs(1);

/// One connection, and the request that came over it, if one came.
#[derive(Clone, Debug)]
pub struct Request {
    /// The connection's number, from 0, in the order of acceptance.
    pub number: u64,
    /// The name asked for in the handshake; the address's only host, or empty, while it is not known.
    pub host: String,
    /// The request line without CR LF, invalid UTF-8 replaced; empty when none came.
    pub url: String,
    /// The address of ours that was connected to.
    pub address: SocketAddr,
    /// The other end.
    pub client: SocketAddr,
    /// When the connection was accepted.
    pub opened_at: Instant,
    /// When the request line had arrived.
    pub requested_at: Option<Instant>,
    /// When our side began to close, or saw that the client had gone.
    pub closed_at: Option<Instant>,
    /// The status we answered with, where it was one.
    pub status: Option<u8>,
    /// Bytes of answer handed to TLS, header included.
    pub sent: u64,
    /// How it ended.
    pub ended: Ended,
    /// The how manieth connection to end this was, from 1; 0 while it is open.
    ending: u64,
}

/// How a connection ended, as the space did it or saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is still open.
    Open,
    /// We sent the whole answer and `close_notify`.
    Complete,
    /// We ended TCP without `close_notify`, on purpose.
    WithoutCloseNotify,
    /// We reset it, on purpose.
    Reset,
    /// The client left first, or broke the connection.
    ByClient,
    /// The handshake came to nothing.
    NoHandshake,
    /// No request line came in time, or only a part of one.
    NoRequest,
    /// The longest patience of a hostile server was over.
    GivenUp,
    /// The space was stopped.
    Stopped,
}

/// By what connections are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By host name.
    Host,
    /// By our address and port.
    Address,
}

/// The log, oldest entry first.
#[derive(Debug)]
pub struct Log {
    entries: VecDeque<Request>,
    first: u64,
    keep: usize,
    requests: u64,
    ended: u64,
    open: usize,
}

impl Log {
    /// Every kept connection, oldest first, requests or none.
    pub fn connections(&self) -> impl Iterator<Item = &Request> {
        self.entries.iter()
    }

    /// The kept connections over which a request line came.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.entries.iter().filter(|entry| entry.requested_at.is_some())
    }

    /// The requests of one host.
    pub fn requests_for(&self, host: &str) -> impl Iterator<Item = &Request> {
        self.requests().filter(move |entry| entry.host.eq_ignore_ascii_case(host))
    }

    /// How many requests have come since the start, forgotten ones included.
    pub fn request_count(&self) -> u64 {
        self.requests
    }

    /// How many connections have been accepted since the start.
    pub fn connection_count(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// How many connections have ended since the start.
    pub fn ended_count(&self) -> u64 {
        self.ended
    }

    /// The kept connections that have ended since `ended_count` was this.
    pub fn ended_since(&self, count: u64) -> impl Iterator<Item = &Request> {
        self.entries.iter().filter(move |entry| count < entry.ending)
    }

    /// How many connections are open now.
    pub fn open_connections(&self) -> usize {
        self.open
    }

    /// The most connections that were open at one moment on any one host or address. Where the client ended
    /// the connection we see it a little late, so such an end is counted a second earlier.
    pub fn max_open_at_once(&self, by: By) -> usize {
        self.groups(by).into_values().map(|entries| most_at_once(&entries)).max().unwrap_or(0)
    }

    /// The shortest time between the openings of two neighbouring connections of one host or address.
    pub fn smallest_gap(&self, by: By) -> Option<Duration> {
        self.smallest(by, |earlier| Some(earlier.opened_at))
    }

    /// The shortest time from the end of one connection to the opening of the next, of one host or address.
    /// Zero where they overlapped.
    pub fn smallest_rest(&self, by: By) -> Option<Duration> {
        self.smallest(by, |earlier| earlier.closed_at)
    }

    /// The same for clients that are killed: one that is cannot count from an end that it did not live to see, so
    /// after a connection that the client broke off it is the time between the two openings.
    pub fn smallest_rest_among_kills(&self, by: By) -> Option<Duration> {
        self.smallest(by, |earlier| match earlier.ended {
            Ended::ByClient | Ended::NoHandshake | Ended::NoRequest => Some(earlier.opened_at),
            Ended::Open
            | Ended::Complete
            | Ended::WithoutCloseNotify
            | Ended::Reset
            | Ended::GivenUp
            | Ended::Stopped => earlier.closed_at,
        })
    }

    fn smallest(&self, by: By, from: impl Fn(&Request) -> Option<Instant>) -> Option<Duration> {
        let groups = self.groups(by);
        let pairs = groups.values().flat_map(|entries| entries.windows(2));
        pairs
            .filter_map(|pair| {
                let [earlier, later] = pair else { return None };
                let from = from(earlier).unwrap_or(later.opened_at);
                Some(later.opened_at.saturating_duration_since(from))
            })
            .min()
    }

    fn groups(&self, by: By) -> HashMap<String, Vec<&Request>> {
        let mut groups: HashMap<String, Vec<&Request>> = HashMap::new();
        for entry in &self.entries {
            let key = match by {
                By::Host => entry.host.clone(),
                By::Address => entry.address.to_string(),
            };
            groups.entry(key).or_default().push(entry);
        }
        groups
    }

    fn entry(&mut self, number: u64) -> Option<&mut Request> {
        let index = number.checked_sub(self.first)?;
        self.entries.get_mut(usize::try_from(index).ok()?)
    }
}

fn most_at_once(entries: &[&Request]) -> usize {
    let mut moments = Vec::with_capacity(entries.len() * 2);
    for entry in entries {
        moments.push((entry.opened_at, 1_i64));
        if let Some(closed_at) = entry.closed_at {
            let late = if entry.ended == Ended::ByClient { NOTICED_LATE } else { Duration::ZERO };
            let closed_at = closed_at.checked_sub(late).unwrap_or(closed_at).max(entry.opened_at);
            moments.push((closed_at, -1));
        }
    }
    // At the same moment an end counts before an opening.
    moments.sort();
    let most = moments.iter().scan(0_i64, |open, (_, step)| {
        *open += step;
        Some(*open)
    });
    usize::try_from(most.max().unwrap_or(0)).unwrap_or(0)
}

/// Writes the log and tells those who wait for it.
#[derive(Debug)]
pub(crate) struct Recorder {
    log: Mutex<Log>,
    changes: watch::Sender<u64>,
}

impl Recorder {
    pub(crate) fn new(keep: usize) -> Self {
        let log =
            Log { entries: VecDeque::new(), first: 0, keep: keep.max(1), requests: 0, ended: 0, open: 0 };
        Self { log: Mutex::new(log), changes: watch::Sender::new(0) }
    }

    /// The log as it stands; do not hold it across an await.
    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        // A panic in a test's closure leaves the log itself whole.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// A new connection enters the log; the entry is finished when the returned guard is dropped.
    pub(crate) fn open(self: &Arc<Self>, address: SocketAddr, client: SocketAddr, host: &str) -> Entry {
        let number = {
            let mut log = self.log();
            if log.entries.len() >= log.keep {
                log.entries.pop_front();
                log.first += 1;
            }
            let number = log.first + log.entries.len() as u64;
            log.open += 1;
            log.entries.push_back(Request {
                number,
                host: host.to_owned(),
                url: String::new(),
                address,
                client,
                opened_at: Instant::now(),
                requested_at: None,
                closed_at: None,
                status: None,
                sent: 0,
                ended: Ended::Open,
                ending: 0,
            });
            number
        };
        self.changed();
        Entry { recorder: Arc::clone(self), number, closed: false }
    }
}

/// The pen for one connection's entry.
#[derive(Debug)]
pub(crate) struct Entry {
    recorder: Arc<Recorder>,
    number: u64,
    closed: bool,
}

impl Entry {
    fn write(&self, change: impl FnOnce(&mut Request)) {
        if let Some(request) = self.recorder.log().entry(self.number) {
            change(request);
        }
    }

    pub(crate) fn host(&self, host: &str) {
        self.write(|request| request.host = host.to_owned());
    }

    pub(crate) fn requested(&self, line: &[u8]) {
        let url = String::from_utf8_lossy(line).into_owned();
        {
            let mut log = self.recorder.log();
            log.requests += 1;
            if let Some(request) = log.entry(self.number) {
                request.url = url;
                request.requested_at = Some(Instant::now());
            }
        }
        self.recorder.changed();
    }

    pub(crate) fn answered(&self, status: Option<u8>) {
        self.write(|request| request.status = status);
    }

    pub(crate) fn sent(&self, bytes: usize) {
        self.write(|request| request.sent += bytes as u64);
    }

    /// Our side begins to close, or saw the client go. Only the first call counts. Called before the closing
    /// bytes are written: whoever reads them and connects again is thereby later than this moment.
    pub(crate) fn ended(&mut self, ended: Ended) {
        if self.closed {
            return;
        }
        self.closed = true;
        {
            let mut log = self.recorder.log();
            log.open = log.open.saturating_sub(1);
            log.ended += 1;
            let ending = log.ended;
            if let Some(request) = log.entry(self.number) {
                request.closed_at = Some(Instant::now());
                request.ended = ended;
                request.ending = ending;
            }
        }
        self.recorder.changed();
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.ended(Ended::Stopped);
    }
}
