//! The promise that the project exists for: whatever servers do, no descriptor, no ledger entry and no task
//! is left behind, and no visit lasts longer than it may.
//!
//! A thousand visits, 64 at once, to fourteen habits of servers, with limits twenty times faster than in
//! earnest. A test that cannot fail proves nothing: built with the feature `leak-canary`, in which a detached
//! timer owns each stream, the same test demands that it *finds* the leak.

#[path = "leak/hostile.rs"]
mod hostile;

use std::sync::Arc;
use std::time::Duration;

use crawler::fetch::Network;
use crawler::fetch::fetched::{Ending, Fetch, FetchError, Fetched, Want};
use crawler::fetch::ledger::Ledger;
use crawler::fetch::limits::{Limit, Limits, Routes};
use crawler::fetch::refused::Rules;
use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use hostile::{HABITS, Habit, Hostile};

const VISITS: usize = 1_000;
const AT_ONCE: usize = 64;

#[test]
fn the_other_process() {
    if std::env::var_os(hostile::CHILD_VARIABLE).is_some() {
        hostile::serve();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_behind() {
    let hostile = Hostile::start();
    let found = storm(&hostile).await;
    if cfg!(feature = "leak-canary") {
        let seen = found.iter().any(|finding| finding.contains("in the ledger"));
        assert!(seen, "a leak was made on purpose, and the test did not see it");
    } else {
        assert!(found.is_empty(), "{}", found.join("\n"));
        habits_end_as_they_should(&hostile).await;
        stopping_closes_everything_at_once(&hostile).await;
    }
}

/// Visits them all and returns everything that is not as it should be.
async fn storm(hostile: &Hostile) -> Vec<String> {
    let limits = Limits::default().faster(20);
    let longest = limits.visit + Duration::from_secs(1);
    let ledger = Ledger::new();
    let network = Arc::new(network(hostile, limits, ledger.clone(), CancellationToken::new()));
    let (descriptors_before, tasks_before) = (descriptors(), tasks());

    let mut found = Vec::new();
    let mut visits = JoinSet::new();
    let (mut begun, mut ended) = (0, 0);
    while ended < VISITS {
        while begun < VISITS && visits.len() < AT_ONCE {
            let habit = HABITS[begun % HABITS.len()];
            let network = Arc::clone(&network);
            visits.spawn(async move {
                let started = Instant::now();
                let _ = visit(&network, habit).await;
                (habit, started.elapsed())
            });
            begun += 1;
        }
        let Some(visited) = visits.join_next().await else { break };
        ended += 1;
        match visited {
            Ok((habit, took)) if longest < took => found.push(format!("{habit:?} took {took:?}")),
            Ok(_) => (),
            Err(error) => found.push(format!("a visit panicked: {error}")),
        }
        if [VISITS / 4, VISITS / 2, VISITS * 3 / 4].contains(&ended) {
            // No socket of the crawler can be opened or closed while the ledger is looked at.
            let (open, held) = ledger.still(|open| (open.len(), descriptors()));
            if held != descriptors_before.map(|before| before + open) {
                found.push(format!("{open} in the ledger, {descriptors_before:?} before, {held:?} now"));
            }
        }
    }
    // A task is struck off the runtime's list a moment after it was joined.
    let settled = Instant::now() + Duration::from_secs(1);
    while tasks_before < tasks() && Instant::now() < settled {
        tokio::task::yield_now().await;
    }
    let after = (descriptors(), ledger.count(), tasks());
    if after != (descriptors_before, 0, tasks_before) {
        found.push(format!("before: {descriptors_before:?}, 0, {tasks_before}; after: {after:?}"));
    }
    found
}

/// The habits one by one, in quiet: each ends in the way that its name promises.
async fn habits_end_as_they_should(hostile: &Hostile) {
    let limits = Limits { visit: Duration::from_secs(20), ..Limits::default().faster(10) };
    let network = network(hostile, limits, Ledger::new(), CancellationToken::new());
    for habit in HABITS {
        let ended = match visit(&network, habit).await {
            Ok(fetched) => fetched.body.ending().to_string(),
            Err(error) => error.to_string(),
        };
        let expected = match habit {
            Habit::Good | Habit::HalfClosed => Ending::Complete.to_string(),
            Habit::WithoutCloseNotify => Ending::WithoutCloseNotify.to_string(),
            Habit::ResetInBody => Ending::CutByReset.to_string(),
            Habit::EndlessBody => Ending::CutByLimit(Limit::Size).to_string(),
            Habit::BodyDrip => Ending::CutByLimit(Limit::Rate).to_string(),
            Habit::NeverCloses => Ending::CutByLimit(Limit::Silence).to_string(),
            Habit::Tarpit | Habit::HandshakeDrip => "Tls took longer than 500ms".to_owned(),
            Habit::ResetInHandshake | Habit::Http => "the handshake failed".to_owned(),
            Habit::SilentAfterHandshake | Habit::HeaderDrip => "Header took longer than 1s".to_owned(),
            Habit::EndlessHeader => "the header is longer than 1029 bytes".to_owned(),
        };
        assert_eq!(ended, expected, "{habit:?}");
    }
}

/// Sixty-four visits hang; the crawler's end is theirs.
async fn stopping_closes_everything_at_once(hostile: &Hostile) {
    let (ledger, stop) = (Ledger::new(), CancellationToken::new());
    let network = Arc::new(network(hostile, Limits::default(), ledger.clone(), stop.clone()));
    let before = descriptors();
    let mut visits = JoinSet::new();
    for _ in 0..AT_ONCE {
        let network = Arc::clone(&network);
        visits.spawn(async move { visit(&network, Habit::Tarpit).await });
    }
    let all_open = async {
        while ledger.count() < AT_ONCE {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(1), all_open).await.expect("every visit opens its socket");
    stop.cancel();
    let results =
        timeout(Duration::from_secs(1), visits.join_all()).await.expect("stopping waits for nobody");
    assert!(results.iter().all(|result| matches!(result, Err(FetchError::Stopped))));
    assert_eq!((descriptors(), ledger.count()), (before, 0));
}

fn network(hostile: &Hostile, limits: Limits, ledger: Ledger, stop: CancellationToken) -> Network {
    let routes: Routes = HABITS.iter().map(|habit| (host(*habit), hostile.address(*habit))).collect();
    Network::new(limits, routes, Rules::for_this_machine(&[]), ledger, stop)
}

fn host(habit: Habit) -> Host {
    Host::parse(&format!("{habit:?}.test")).expect("a habit's name is a label")
}

async fn visit(network: &Network, habit: Habit) -> Result<Fetched, FetchError> {
    let host = host(habit);
    let url = GeminiUrl::parse(&format!("gemini://{host}/page")).expect("a URL");
    let ip = *network.resolve(&host).await?.first().expect("a lookup gives at least one address");
    network.get(&url, ip, Want::Page).await
}

/// The open descriptors of this process; none when there is not even one left to look with.
fn descriptors() -> Option<usize> {
    std::fs::read_dir("/proc/self/fd").ok().map(Iterator::count)
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}
