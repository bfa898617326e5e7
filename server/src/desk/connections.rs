//! Every socket that the crawlers hold open, the oldest first; workers tell of theirs every few seconds.

use std::time::Duration;

use shared::store::asked::pause::{self, Pause};
use shared::store::crawl::worker::{self, OpenConnection, Worker};
use shared::store::{Store, StoreError};

use super::board::{Block, Board, Mood, Row};
use super::capsules::pausable;
use super::trouble::{ALIVE, short};
use crate::paths::desk;
use crate::render::phrase;

/// No visit lasts longer than this: a socket that is older hangs.
const A_VISIT: Duration = Duration::from_secs(30);

/// What the board is made of.
#[derive(Clone, Debug)]
pub struct Connections {
    /// The crawlers that are alive.
    pub workers: Vec<Worker>,
    /// What is paused.
    pub paused: Vec<Pause>,
}

/// Reads the workers that are alive.
///
/// # Errors
///
/// When the database is away.
pub async fn load(store: &Store) -> Result<Connections, StoreError> {
    let (mut workers, paused) =
        store.read(async |c| Ok((worker::all(c).await?, pause::all(c).await?))).await?;
    workers.retain(|worker| worker.silent_for < ALIVE);
    Ok(Connections { workers, paused })
}

/// The board of open sockets.
#[must_use]
pub fn shown(connections: &Connections) -> Board {
    let Connections { workers, paused } = connections;
    let mut open: Vec<(&Worker, &OpenConnection)> = workers
        .iter()
        .flat_map(|worker| worker.sign.open.iter().map(move |socket| (worker, socket)))
        .collect();
    open.sort_by_key(|(_, socket)| std::cmp::Reverse(socket.age_ms));
    let hang = open.iter().filter(|(_, socket)| A_VISIT < age(socket)).count() as u64;
    let count = phrase::count(open.len() as u64, "open socket", "open sockets");
    let crawlers = phrase::count(workers.len() as u64, "crawler", "crawlers");
    let (mood, verdict) = match (workers.as_slice(), hang) {
        ([], _) => (Mood::Trouble, "No crawler is running.".to_owned()),
        (_, 0) if open.is_empty() => (Mood::Well, "No socket is open just now.".to_owned()),
        (_, 0) => (Mood::Well, format!("{count} of {crawlers}, all within their time.")),
        (_, hang) => {
            let older = phrase::count(hang, "is older", "are older");
            (Mood::Trouble, format!("{count} of {crawlers}; {older} than a visit may last."))
        }
    };
    let rows = open.into_iter().map(|(worker, socket)| {
        let mood = if A_VISIT < age(socket) { Mood::Trouble } else { Mood::Plain };
        let row = Row::new(mood, &socket.host).with([
            format!("open for {:.1} s", age(socket).as_secs_f64()),
            format!("stage {}", socket.stage),
            format!("descriptor {}", socket.fd),
            format!("crawler {}", short(worker.id)),
        ]);
        pausable(row, &socket.host, paused)
    });
    let crawlers = workers.iter().map(|worker| {
        let brake = worker.sign.brake.clone();
        let mood = if brake.is_some() { Mood::Trouble } else { Mood::Well };
        Row::new(mood, format!("Crawler {}", short(worker.id))).with([
            format!("{} in hand", phrase::count(worker.sign.turns, "capsule", "capsules")),
            format!("heard of {} ago", phrase::span(worker.silent_for)),
            brake.map(|brake| format!("does not crawl: {brake}")).unwrap_or_default(),
        ])
    });
    Board::new("Connections", desk::CONNECTIONS, mood, verdict)
        .part("Crawlers", vec![Block::Rows(crawlers.collect())])
        .part("Open sockets, the oldest first", vec![Block::Rows(rows.collect())])
}

fn age(socket: &OpenConnection) -> Duration {
    Duration::from_millis(socket.age_ms)
}
