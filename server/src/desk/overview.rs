//! How it gets on, in a screenful: what needs the admin first, then the crawl, the index, and what was asked for.

use std::path::Path;
use std::time::Duration;

use shared::process::disk::Reserve;
use shared::process::machine::{self, Room};
use shared::store::asked::backup::{self, BackupKind, LastBackup};
use shared::store::asked::job::{self, OpenJob};
use shared::store::asked::pause::{self, Pause};
use shared::store::asked::{calm, report};
use shared::store::crawl::request;
use shared::store::crawl::turn::{self, Backlog};
use shared::store::crawl::worker::{self, Worker};
use shared::store::feed::follower::{self, Report};
use shared::store::feed::identity;
use shared::store::known::site::{self, Suspect};
use shared::store::known::statistic::{self, Day};
use shared::store::outcome::Outcome;
use shared::store::{Store, StoreError};

use super::board::{Block, Board, Card, Mood, Row};
use super::charts::{self, Charts};
use super::deed::Deed;
use super::trouble::{self, ALIVE, Evidence, Trouble};
use super::{capsules, index, runs};
use crate::paths::{Link, desk};
use crate::render::phrase::{self, grouped, span};

/// Sites that smell of a trap, so many at most.
const SUSPECTS: i64 = 10;
/// Peace that has just begun is not counted yet.
const A_MOMENT: Duration = Duration::from_secs(120);

/// All that the overview is made of.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The crawlers that are alive.
    pub workers: Vec<Worker>,
    /// What waits to be visited.
    pub backlog: Backlog,
    /// What came of the requests of the last hour.
    pub hour: Vec<(Outcome, u64)>,
    /// The indexes.
    pub followers: Vec<Report>,
    /// The highest change.
    pub changes: u64,
    /// What is paused.
    pub paused: Vec<Pause>,
    /// What is asked for and not done.
    pub jobs: Vec<OpenJob>,
    /// Sites that smell of a trap.
    pub suspects: Vec<Suspect>,
    /// The last day's figures.
    pub figures: Option<Day>,
    /// The room on the disk of the state folder, where the machine says.
    pub room: Option<Room>,
    /// What must stay free on it.
    pub reserve: Reserve,
    /// Reports that nobody has judged.
    pub open_reports: u64,
    /// How long nothing has needed the admin.
    pub calm_for: Duration,
    /// The last backup of each kind.
    pub backups: Vec<LastBackup>,
    /// How it went.
    pub charts: Charts,
}

/// Reads it.
///
/// # Errors
///
/// When the database is away.
pub async fn load(store: &Store, state_folder: &Path, reserve: Reserve) -> Result<Overview, StoreError> {
    let mut overview = store
        .read(async |c| {
            Ok(Overview {
                workers: worker::all(c).await?,
                backlog: turn::backlog(c).await?,
                hour: request::last_hour(c).await?,
                followers: follower::all(c).await?,
                changes: identity::current(c).await?.highest.0.unsigned_abs(),
                paused: pause::all(c).await?,
                jobs: job::open(c).await?,
                suspects: site::suspects(c, SUSPECTS).await?,
                figures: statistic::latest(c).await?,
                room: None,
                reserve,
                open_reports: report::waiting(c).await?,
                calm_for: calm::lasting(c).await?,
                backups: backup::last(c).await?,
                charts: charts::load(c).await?,
            })
        })
        .await?;
    overview.workers.retain(|worker| worker.silent_for < ALIVE);
    overview.room = machine::room(state_folder);
    Ok(overview)
}

impl Overview {
    /// What needs the admin.
    #[must_use]
    pub fn trouble(&self) -> Vec<Trouble> {
        trouble::all(&Evidence {
            workers: &self.workers,
            followers: &self.followers,
            paused: &self.paused,
            room: self.room,
            reserve: self.reserve,
            open_reports: self.open_reports,
            backup_age: self.daily_backup().map(|last| last.age),
        })
    }

    /// The last of those that are made by themselves.
    #[must_use]
    pub fn daily_backup(&self) -> Option<&LastBackup> {
        self.backups.iter().find(|last| last.backup.kind == BackupKind::Small)
    }

    fn verdict(&self, trouble: &[Trouble]) -> String {
        match trouble {
            [] if self.calm_for < A_MOMENT => "All is well: nothing needs you.".to_owned(),
            [] => format!("Since {}: nothing needs you.", span(self.calm_for)),
            [only] => only.told.clone(),
            many => format!("{} things need you.", many.len()),
        }
    }

    fn cards(&self) -> Vec<Card> {
        let figure = |name: &str| {
            let found = self.figures.as_ref().and_then(|day| day.figures.get(name).copied());
            found.map_or_else(|| "not counted yet".to_owned(), grouped)
        };
        let requests: u64 = self.hour.iter().map(|(_, count)| count).sum();
        let (turns, sockets) = self.workers.iter().fold((0, 0), |(turns, sockets), worker| {
            (turns + worker.sign.turns, sockets + worker.sign.open.len() as u64)
        });
        let lag = self.followers.iter().map(|index| index.lag).max();
        let due = match (self.backlog.due_capsules, self.backlog.next_in) {
            (0, Some(next)) => format!("the next in {}", span(next)),
            (0, None) => "nothing is known to crawl: plant a URL".to_owned(),
            (1, _) => "capsule with something due".to_owned(),
            (_, _) => "capsules with something due".to_owned(),
        };
        let mut cards = vec![
            card("Pages to be found", figure("pages.searchable"), String::new(), None),
            card("Capsules that answer", figure("capsules.answering"), String::new(), Some(desk::CAPSULES)),
            card("Requests in the last hour", grouped(requests), String::new(), None),
            card("Due now", grouped(self.backlog.due_capsules), due, Some(desk::CAPSULES)),
            card(
                "Open sockets",
                grouped(sockets),
                format!("{} in hand", phrase::count(turns, "capsule", "capsules")),
                Some(desk::CONNECTIONS),
            ),
            card(
                "Not yet indexed",
                lag.map_or_else(|| "no index".to_owned(), grouped),
                format!("of {}", phrase::count(self.changes, "change", "changes")),
                Some(desk::INDEX),
            ),
        ];
        if let Some(room) = self.room {
            let total = format!("of {}", phrase::bytes(room.total_bytes));
            cards.push(card("Room on the disk", phrase::bytes(room.free_bytes), total, None));
        }
        cards.extend(self.daily_backup().map(|last| {
            card("Last backup", format!("{} ago", span(last.age)), phrase::bytes(last.backup.bytes), None)
        }));
        cards
    }

    fn backups(&self) -> Vec<(String, String)> {
        let told = |last: &LastBackup| {
            let LastBackup { backup, age } = last;
            let told = format!("{} on {}, {} ago", backup.file, backup.machine, span(*age));
            let name = match backup.kind {
                BackupKind::Small => "Daily backup",
                BackupKind::Whole => "Whole backup",
            };
            Block::fact(name, told)
        };
        self.backups.iter().map(told).collect()
    }

    fn crawl(&self) -> Vec<(String, String)> {
        let outcomes: Vec<String> = self
            .hour
            .iter()
            .map(|(outcome, count)| format!("{} {}", grouped(*count), phrase::outcome_in_short(*outcome)))
            .collect();
        let outcomes = if outcomes.is_empty() { "nothing".to_owned() } else { outcomes.join(", ") };
        let alone = phrase::count(self.backlog.breakers, "capsule that does", "capsules that do");
        let mut facts = vec![
            Block::fact("Last hour", outcomes),
            Block::fact("Left alone", format!("{alone} not answer")),
        ];
        for worker in &self.workers {
            let open = &worker.sign.open;
            let oldest = open.iter().max_by_key(|socket| socket.age_ms).map_or_else(String::new, |socket| {
                let seconds = Duration::from_millis(socket.age_ms).as_secs_f64();
                format!(", the oldest {seconds:.1} s to {}", socket.host)
            });
            let turns = phrase::count(worker.sign.turns, "capsule", "capsules");
            let sockets = phrase::count(open.len() as u64, "open socket", "open sockets");
            let beat = span(worker.silent_for);
            facts.push(Block::fact(
                &format!("Crawler {}", trouble::short(worker.id)),
                format!("{turns} in hand, {sockets}{oldest}; heard of {beat} ago"),
            ));
        }
        facts
    }
}

/// The board of the overview.
#[must_use]
pub fn shown(overview: &Overview) -> Board {
    let trouble = overview.trouble();
    let mood = if trouble.is_empty() { Mood::Well } else { Mood::Trouble };
    // What is told on this very screen leads nowhere else.
    let more = |trouble: &Trouble| (trouble.path != desk::DESK).then(|| Link::to(trouble.path));
    let needs = trouble.iter().map(|trouble| Row::new(Mood::Trouble, &trouble.told).to(more(trouble)));
    let suspects = overview.suspects.iter().map(|site| {
        let Suspect { capsule, folder, waiting, alike, useful } = site;
        let site = if folder == "/" { capsule.clone() } else { format!("gemini://{capsule}{folder}*") };
        let row = Row::new(Mood::Plain, &site).with([
            phrase::count((*waiting).into(), "new URL waits", "new URLs wait"),
            format!("{} alike", phrase::count((*alike).into(), "page", "pages")),
            format!("{} useful", grouped((*useful).into())),
        ]);
        capsules::pausable(row, &site, &overview.paused)
    });
    let indexes = overview.followers.iter().map(|index| {
        let told = format!("{}; heard of {} ago", index::behind(index.lag), span(index.age));
        Block::fact(&format!("Index {}", index.name), told)
    });
    let board = Board::new("Overview", desk::DESK, mood, overview.verdict(&trouble));
    let leads_to = match trouble.as_slice() {
        [only] => more(only),
        [] | [_, _, ..] => None,
    };
    let board = Board { leads_to, ..board };
    let needs: Vec<Row> = if trouble.len() > 1 { needs.collect() } else { Vec::new() };
    board
        .part("", vec![Block::Rows(needs), Block::Cards(overview.cards())])
        .part("How it went", charts::shown(&overview.charts).into_iter().map(Block::Plot).collect())
        .part("Under way", vec![Block::Rows(overview.jobs.iter().map(open_job).collect())])
        .part("Paused", vec![Block::Rows(overview.paused.iter().map(capsules::paused_row).collect())])
        .part("The crawl", vec![Block::Facts(overview.crawl())])
        .part("The index", vec![Block::Facts(indexes.collect())])
        .part("Backups", vec![Block::Facts(overview.backups())])
        .part("May be traps", vec![Block::Rows(suspects.collect())])
        .ask(Deed::Recrawl)
        .ask(Deed::Pause)
        .ask(Deed::Seed)
        .ask(Deed::Exclude)
        .ask(Deed::Purge)
}

/// A job that is not done.
fn open_job(open: &OpenJob) -> Row {
    let (mood, state) =
        if open.is_running { (Mood::Busy, "under way") } else { (Mood::Plain, "waiting for its turn") };
    let (id, kind, target) = (open.job.id, open.job.kind.code(), &open.job.target);
    Row::new(mood, format!("{kind} {target}")).with([
        format!("job {id}"),
        state.to_owned(),
        runs::pages(open.done, open.total),
        format!("asked for {} ago", span(open.age)),
    ])
}

fn card(name: &'static str, value: String, more: String, path: Option<&'static str>) -> Card {
    Card { name, value, more, path }
}
