//! Every visit ends, in the way that its server deserves, and the crawler's own end is the end of all visits.
//!
//! Fourteen habits of servers, each by itself in quiet. That ten thousand visits leave nothing behind is shown
//! by the bench `leak`.

#[path = "endings/hostile.rs"]
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
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use hostile::{HABITS, Habit, Hostile};

const AT_ONCE: usize = 64;

#[test]
fn the_other_process() {
    if std::env::var_os(hostile::CHILD_VARIABLE).is_some() {
        hostile::serve();
    }
}

/// The habits one by one, in quiet: each ends in the way that its name promises.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn habits_end_as_they_should() {
    let hostile = Hostile::start();
    let limits = Limits { visit: Duration::from_secs(20), ..Limits::default().faster(10) };
    let network = network(&hostile, limits, Ledger::new(), CancellationToken::new());
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
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_closes_everything_at_once() {
    let hostile = Hostile::start();
    let (ledger, stop) = (Ledger::new(), CancellationToken::new());
    let network = Arc::new(network(&hostile, Limits::default(), ledger.clone(), stop.clone()));
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
