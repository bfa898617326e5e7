//! One capsule's turn: its due pages, one after another, at its pace.
//!
//! The name is resolved and the leased address checked; the rules are obtained; then page by page is
//! fetched, judged and committed, each before the next request is sent. A turn ends after 32 requests or a
//! minute, so that a large capsule starves nobody at its address, and earlier when the capsule is to rest
//! or its gap is longer than a slot should be kept for waiting. The last visit and the give-back are one
//! commit, and with it the capsule's next turn is computed from what is due.
//!
//! What goes wrong: a lease that was lost ends the turn without a word, for another worker has the capsule;
//! where the frontier does not answer the capsule is given back once it does, or its lease ends by itself; a
//! fault of our own machine gives the capsule back unharmed.

pub mod answer;
mod aside;
pub mod hold;
pub mod proactive;
pub mod robots;
pub mod served;
pub mod visit;

use std::collections::HashMap;
use std::iter::Peekable;
use std::sync::Arc;
use std::time::Duration;

use shared::gemini::url::GeminiUrl;
use shared::process::progress::Part;
use shared::store::crawl::turn::{GiveBack, Leased, Pause};
use shared::store::known::page::DuePage;
use shared::store::known::robots::KeptRobots;
use shared::store::outcome::Outcome;
use shared::store::rule::Rules;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::fetch::fetched::{Fetch, FetchError};
use crate::frontier::seam::{Brief, Frontier, FrontierError};
use crate::policy::pace::Manners;
use crate::policy::robots::{Judgement, Law};
use crate::policy::schedule::TRANSIENT;
use crate::policy::standing::Rest;
use hold::{Halt, Hold, Whereabouts};
use visit::Visited;

/// How long a turn is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Requests, at most.
    pub requests: usize,
    /// After this time nothing new is begun.
    pub time: Duration,
}

impl Default for Measure {
    /// 32 requests or a minute.
    fn default() -> Self {
        Self { requests: 32, time: Duration::from_secs(60) }
    }
}

/// A turn whose next request has to wait longer than this gives its slot to another.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What a turn is given.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The lease.
    pub leased: Leased,
    /// The moment before it was asked for.
    pub sent: Instant,
    /// How the capsule is to be approached.
    pub manners: Manners,
    /// How long the turn is.
    pub measure: Measure,
    /// What it tells of its progress.
    pub part: Part,
}

/// How a turn ended.
#[derive(Debug)]
pub enum End {
    /// It did what was to be done, and gave the capsule back.
    Done,
    /// The lease was lost.
    Lost,
    /// It was asked to stop, and gave the capsule back.
    Stopped,
    /// The frontier did not answer.
    Away {
        /// What it said.
        error: FrontierError,
        /// How to give the capsule back as soon as it answers again; else the lease ends by itself.
        give_back: Box<GiveBack>,
    },
    /// Our own machine could not go on; the capsule was given back unharmed.
    OurFault(FetchError),
}

/// Takes a turn. `seen` is told of each page as it is committed.
pub async fn take<F: Frontier, N: Fetch>(
    frontier: &F,
    network: &N,
    stop: &CancellationToken,
    assignment: Assignment,
    seen: &(impl Fn(Outcome) + Sync),
) -> End {
    let Assignment { leased, sent, manners, measure, part } = assignment;
    let brief = match frontier.brief(&leased, measure.requests).await {
        Ok(brief) => brief,
        Err(error) => {
            let ip = leased.ip;
            let give_back = GiveBack { leased, gap: Duration::ZERO, ip, pause: Pause::None };
            return End::Away { error, give_back: Box::new(give_back) };
        }
    };
    part.advanced();
    let state = (brief.state, brief.allowance.clone(), Arc::clone(&brief.exclusions));
    let mut hold = Hold::new((frontier, network), (stop, part), (leased, sent), manners, state);
    match run(&mut hold, brief, measure, seen).await {
        Ok(()) => End::Done,
        Err(Halt::Lost) => End::Lost,
        Err(Halt::Frontier(error)) => away(&hold, error),
        Err(Halt::Stopped) => given_back(&hold, End::Stopped).await,
        Err(Halt::OurFault(error)) => given_back(&hold, End::OurFault(error)).await,
    }
}

async fn given_back<F: Frontier, N: Fetch>(hold: &Hold<'_, F, N>, end: End) -> End {
    match hold.give_back(Pause::None).await {
        Ok(()) => end,
        Err(Halt::Frontier(error)) => away(hold, error),
        Err(Halt::Lost | Halt::Stopped | Halt::OurFault(_)) => End::Lost,
    }
}

fn away<F: Frontier, N: Fetch>(hold: &Hold<'_, F, N>, error: FrontierError) -> End {
    End::Away { error, give_back: Box::new(hold.end(Pause::None)) }
}

async fn run<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    brief: Brief,
    measure: Measure,
    seen: &(impl Fn(Outcome) + Sync),
) -> Result<(), Halt> {
    let Some((brief, pages)) = unless_all_is_shut_out(hold, brief, seen).await? else { return Ok(()) };
    let Some(first) = pages.first() else {
        return hold.give_back(brief.idle).await;
    };
    match hold.find().await? {
        Whereabouts::Found => {}
        Whereabouts::Busy => return hold.give_back(Pause::None).await,
        Whereabouts::Full { wait } => return hold.give_back(Pause::Capsule(wait)).await,
        Whereabouts::Nowhere(error) => {
            let visited = visit::unreachable(hold, first, error);
            // No other page of this name can be reached either, so all of them wait; "look again" does not.
            tracing::debug!(url = %first.url, outcome = visited.outcome.code(), "a page was visited");
            let end = hold.end(Pause::Due(TRANSIENT[0]));
            hold.commit(visited.visit, Some(end)).await?;
            seen(visited.outcome);
            return Ok(());
        }
    }
    if hold.is_shut_out() {
        return leave_alone(hold, pages, seen).await;
    }
    let obtained = robots::obtain(hold, "/", brief.robots.get("/")).await?.knowing_front(brief.front);
    if let Some(rest) = obtained.rest {
        return hold.give_back(asked_for(rest)).await;
    }
    if obtained.law == Law::Closed {
        return hold.give_back(Pause::Capsule(obtained.ask_again_in)).await;
    }
    hold.obey(obtained.law.crawl_delay());
    if brief.state.wants_contact
        && hold.wait() <= PATIENCE
        && let Some(rest) = proactive::ask(hold, &obtained.law, &brief.exclusions).await?
    {
        return hold.give_back(asked_for(rest)).await;
    }
    if hold.wait() > PATIENCE {
        return hold.give_back(Pause::None).await;
    }
    let mut laws = Laws { capsule: obtained.law, folders: HashMap::new() };
    let mut pages = pages;
    // The front page first: where the rules are unknown for too long, it decides about the rest.
    pages.sort_by_key(|page| page.url.path_and_query() != "/");
    let mut pages = pages.into_iter().peekable();
    while let Some(page) = next(hold, &mut pages) {
        let visited = match one(hold, &page, &mut laws, &brief.robots, &brief.exclusions).await? {
            Step::Visited(visited) => *visited,
            Step::Rest(rest) => return hold.give_back(asked_for(rest)).await,
            Step::Later => return hold.give_back(Pause::None).await,
            Step::Spent => continue,
        };
        tracing::debug!(url = %page.url, outcome = visited.outcome.code(), "a page was visited");
        let is_over = !has_next(hold, &mut pages)
            || visited.rest.is_some()
            || hold.requests() >= measure.requests
            || hold.age() >= measure.time
            || hold.wait() > PATIENCE;
        let end = is_over.then(|| hold.end(visited.rest.map_or(Pause::None, asked_for)));
        hold.commit(visited.visit, end).await?;
        seen(visited.outcome);
        if is_over {
            return Ok(());
        }
    }
    // Asking for the rules has used up the day.
    hold.give_back(Pause::None).await
}

/// Notes the pages that a rule shuts out by themselves or by their capsule, before anything is asked of it, not even its
/// rules. Returns what is left to be visited; none: nothing was, and the capsule is given back.
async fn unless_all_is_shut_out<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    mut brief: Brief,
    seen: &(impl Fn(Outcome) + Sync),
) -> Result<Option<(Brief, Vec<DuePage>)>, Halt> {
    let rules = Arc::clone(&brief.exclusions);
    let (out, pages): (Vec<DuePage>, Vec<DuePage>) = std::mem::take(&mut brief.pages)
        .into_iter()
        .partition(|page| rules.shut_out_wherever_it_is(&page.url, page.content));
    if pages.is_empty() && !out.is_empty() {
        leave_alone(hold, out, seen).await?;
        return Ok(None);
    }
    for page in out {
        let visited = visit::unasked(hold, &page, Outcome::Excluded);
        hold.commit(visited.visit, None).await?;
        seen(visited.outcome);
    }
    Ok(Some((brief, pages)))
}

/// Notes of all these pages that a rule shuts them out, and gives the capsule back with the last.
async fn leave_alone<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    pages: Vec<DuePage>,
    seen: &(impl Fn(Outcome) + Sync),
) -> Result<(), Halt> {
    let mut pages = pages.into_iter().peekable();
    while let Some(page) = pages.next() {
        let visited = visit::unasked(hold, &page, Outcome::Excluded);
        let end = pages.peek().is_none().then(|| hold.end(Pause::None));
        hold.commit(visited.visit, end).await?;
        seen(visited.outcome);
    }
    Ok(())
}

/// Whether there is a next page to visit. Pages of a site that has used up its day are passed over and stay due; the
/// next brief knows how long.
fn has_next<F: Frontier, N: Fetch>(
    hold: &Hold<'_, F, N>,
    pages: &mut Peekable<impl Iterator<Item = DuePage>>,
) -> bool {
    while pages.next_if(|page| !hold.may_ask(&page.url)).is_some() {}
    pages.peek().is_some()
}

fn next<F: Frontier, N: Fetch>(
    hold: &Hold<'_, F, N>,
    pages: &mut Peekable<impl Iterator<Item = DuePage>>,
) -> Option<DuePage> {
    if has_next(hold, pages) { pages.next() } else { None }
}

/// A rest that the capsule asked for is part of the give-back; an open breaker is part of its state.
const fn asked_for(rest: Rest) -> Pause {
    match rest {
        Rest::Asked(span) => Pause::Capsule(span),
        Rest::Breaker(_) => Pause::None,
    }
}

/// The rules that hold in a turn.
struct Laws {
    capsule: Law,
    folders: HashMap<String, Law>,
}

/// What came of a due page.
enum Step {
    /// It was visited, or found not to be visited.
    Visited(Box<Visited>),
    /// Asking for its folder's rules showed that the capsule is to be left alone; the page stays due.
    Rest(Rest),
    /// After asking for its folder's rules the next request has to wait longer than a slot is kept; the page stays due.
    Later,
    /// Asking for its folder's rules was the last that its site may be asked today; the page stays due.
    Spent,
}

async fn one<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    page: &DuePage,
    laws: &mut Laws,
    kept: &HashMap<String, KeptRobots>,
    exclusions: &Rules,
) -> Result<Step, Halt> {
    if hold.is_shut_out() {
        return Ok(Step::Visited(Box::new(visit::unasked(hold, page, Outcome::Excluded))));
    }
    if let Some(rest) = learn(hold, &page.url, laws, kept).await? {
        return Ok(Step::Rest(rest));
    }
    if hold.wait() > PATIENCE {
        return Ok(Step::Later);
    }
    if !hold.may_ask(&page.url) {
        return Ok(Step::Spent);
    }
    let visited = match laws.judge(&page.url) {
        Judgement::Forbidden => visit::unasked(hold, page, Outcome::RefusedByRobots),
        // Not known whether it may be fetched: to be asked again like what fails for a while.
        Judgement::NotNow => visit::unasked(hold, page, Outcome::TemporaryFailure),
        Judgement::Allowed => {
            let visited = visit::visit(hold, page, exclusions).await?;
            if laws.capsule == Law::FreeIfAnswered && hold.answers() {
                laws.capsule = Law::Free;
            }
            visited
        }
    };
    Ok(Step::Visited(Box::new(visited)))
}

/// Obtains the rules of a user's folder before its first page; says whether the capsule is to rest first.
async fn learn<F: Frontier, N: Fetch>(
    hold: &mut Hold<'_, F, N>,
    url: &GeminiUrl,
    laws: &mut Laws,
    kept: &HashMap<String, KeptRobots>,
) -> Result<Option<Rest>, Halt> {
    let site = url.site();
    let folder = site.folder();
    let is_open = laws.capsule.judge(url.path_and_query()) == Judgement::Allowed;
    if folder == "/" || !is_open || laws.folders.contains_key(folder) {
        return Ok(None);
    }
    let obtained = robots::obtain(hold, folder, kept.get(folder)).await?;
    laws.folders.insert(folder.to_owned(), obtained.law);
    Ok(obtained.rest)
}

impl Laws {
    fn judge(&self, url: &GeminiUrl) -> Judgement {
        let path = url.path_and_query();
        let by_capsule = self.capsule.judge(path);
        let site = url.site();
        let by_folder = self.folders.get(site.folder()).map(|law| law.judge_in_folder(site.folder(), path));
        by_folder.map_or(by_capsule, |by_folder| by_folder.stricter(by_capsule))
    }
}

#[cfg(test)]
mod tests;
