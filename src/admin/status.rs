//! How it gets on, in a screenful: trouble first, then the crawl, the index, and what was asked for.

use std::path::Path;
use std::time::Duration;

use shared::process::machine;
use shared::store::asked::job::{self, OpenJob};
use shared::store::asked::pause::{self, Pause};
use shared::store::crawl::request;
use shared::store::crawl::turn::{self, Backlog};
use shared::store::crawl::worker::{self, Worker};
use shared::store::feed::follower::{self, Report};
use shared::store::feed::identity;
use shared::store::known::site::{self, Suspect};
use shared::store::outcome::Outcome;
use shared::store::{Store, StoreError};

/// A worker that was silent for longer is not running.
pub(super) const ALIVE: Duration = Duration::from_secs(120);

/// A worker whose heart beats every five seconds is missed after this.
const LATE: Duration = Duration::from_secs(30);

/// An indexer so far behind has trouble, unless it is catching up.
const BEHIND: Duration = Duration::from_secs(300);

/// Sites that smell of a trap, so many at most.
const SUSPECTS: i64 = 10;

/// Everything that is shown.
struct State {
    workers: Vec<Worker>,
    backlog: Backlog,
    hour: Vec<(Outcome, u64)>,
    followers: Vec<Report>,
    changes: i64,
    paused: Vec<Pause>,
    jobs: Vec<OpenJob>,
    suspects: Vec<Suspect>,
}

/// The status as lines of text.
pub(super) async fn told(store: &Store, state_folder: &Path) -> Result<String, StoreError> {
    let mut state = store
        .read(async |c| {
            Ok(State {
                workers: worker::all(c).await?,
                backlog: turn::backlog(c).await?,
                hour: request::last_hour(c).await?,
                followers: follower::all(c).await?,
                changes: identity::current(c).await?.highest.0,
                paused: pause::all(c).await?,
                jobs: job::open(c).await?,
                suspects: site::suspects(c, SUSPECTS).await?,
            })
        })
        .await?;
    state.workers.retain(|worker| worker.silent_for < ALIVE);
    let mut lines = Vec::new();
    let trouble = state.trouble();
    if trouble.is_empty() {
        lines.push(line("trouble", "none: nothing needs you"));
    }
    lines.extend(trouble.iter().map(|trouble| line("TROUBLE", trouble)));
    lines.extend(state.paused.iter().map(|pause| line("paused", &told_pause(pause))));
    lines.extend(state.crawl());
    lines.extend(state.index());
    if let Some(room) = machine::room(state_folder) {
        let (free, total) = (room.free_bytes >> 20, room.total_bytes >> 20);
        lines.push(line("disk", &format!("{free} of {total} MiB free")));
    }
    lines.extend(state.jobs.iter().map(|job| line("job", &told_job(job))));
    lines.extend(state.suspects.iter().map(|site| line("trap?", &told_suspect(site))));
    Ok(lines.join("\n"))
}

impl State {
    /// What the admin should do something about.
    fn trouble(&self) -> Vec<String> {
        let mut trouble = Vec::new();
        if self.workers.is_empty() {
            trouble.push("no crawler is running".to_owned());
        }
        for worker in &self.workers {
            // What the admin has asked for is no trouble.
            let asked = self.paused.iter().any(|pause| pause.pattern.to_string() == "*");
            let asked =
                asked || worker.sign.brake.as_deref().is_some_and(|brake| brake.contains("crawl.windows"));
            if let Some(brake) = worker.sign.brake.as_ref().filter(|_| !asked) {
                trouble.push(format!("crawler {} does not crawl: {brake}", worker.id));
            }
            if LATE < worker.silent_for {
                trouble.push(format!("crawler {} is silent for {}", worker.id, span(worker.silent_for)));
            }
        }
        if self.followers.is_empty() {
            trouble.push("no index has begun".to_owned());
        }
        for index in self.followers.iter().filter(|index| 0 < index.lag && BEHIND < index.age) {
            trouble.push(format!(
                "index {} is {} changes behind and silent for {}",
                index.name,
                index.lag,
                span(index.age)
            ));
        }
        trouble
    }

    fn crawl(&self) -> Vec<String> {
        let requests: u64 = self.hour.iter().map(|(_, count)| count).sum();
        let outcomes: Vec<String> =
            self.hour.iter().map(|(outcome, count)| format!("{count} {}", outcome.code())).collect();
        let outcomes = if outcomes.is_empty() { "nothing".to_owned() } else { outcomes.join(", ") };
        let due = match (self.backlog.due_capsules, self.backlog.next_in) {
            (0, Some(next)) => format!("nothing; the next capsule in {}", span(next)),
            (0, None) => "nothing, ever: plant seeds with sextant admin seed FILE".to_owned(),
            (due, _) => format!("{due} capsules"),
        };
        let mut lines = vec![
            line("crawl", &format!("{requests} requests in the last hour: {outcomes}")),
            line("due", &due),
            line(
                "breakers",
                &format!("{} capsules are left alone, for they did not answer", self.backlog.breakers),
            ),
        ];
        for worker in &self.workers {
            let open = &worker.sign.open;
            let oldest = open.iter().max_by_key(|socket| socket.age_ms).map_or_else(String::new, |socket| {
                let seconds = Duration::from_millis(socket.age_ms).as_secs_f64();
                format!(", the oldest {seconds:.1} s to {}", socket.host)
            });
            let (turns, sockets) = (worker.sign.turns, open.len());
            let beat = span(worker.silent_for);
            let told = format!(
                "{} {turns} turns in hand, {sockets} open sockets{oldest}; told {beat} ago",
                worker.id
            );
            lines.push(line("crawler", &told));
        }
        lines
    }

    fn index(&self) -> Vec<String> {
        let index = |index: &Report| {
            let (lag, age) = (index.lag, span(index.age));
            line(
                "index",
                &format!("{} is {lag} of {} changes behind; told {age} ago", index.name, self.changes),
            )
        };
        self.followers.iter().map(index).collect()
    }
}

fn line(name: &str, told: &str) -> String {
    format!("{name:<10}{told}")
}

fn told_pause(pause: &Pause) -> String {
    let why = if pause.reason.is_empty() { String::new() } else { format!(": {}", pause.reason) };
    format!("{} since {} by {}{why}", pause.pattern, span(pause.age), pause.actor)
}

fn told_job(open: &OpenJob) -> String {
    let state = if open.is_running { "under way" } else { "waiting" };
    let total = open.total.map_or_else(String::new, |total| format!(" of {total}"));
    let (id, kind, target) = (open.job.id, open.job.kind.code(), &open.job.target);
    format!("{id}: {kind} {target}, {state}, {}{total} pages, asked for {} ago", open.done, span(open.age))
}

fn told_suspect(site: &Suspect) -> String {
    let Suspect { capsule, folder, waiting, alike, useful } = site;
    format!("{capsule}{folder}: {waiting} new URLs wait, {alike} pages alike, {useful} useful")
}

/// A span as people say it, in its two largest units.
fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let largest = units.iter().position(|(unit, _)| *unit <= seconds).unwrap_or(3);
    let mut left = seconds;
    let mut parts = Vec::new();
    for (unit, name) in units.iter().skip(largest).take(2) {
        let count = left / unit;
        left %= unit;
        if 0 < count || parts.is_empty() {
            parts.push(format!("{count} {name}"));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_two_units() {
        let told = [0, 59, 61, 3_600, 90_061].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(told, ["0 s", "59 s", "1 min 1 s", "1 h", "1 d 1 h"]);
    }
}
