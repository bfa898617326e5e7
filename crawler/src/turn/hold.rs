//! A capsule in hand: its lease, its address, its pace. Every request of a turn goes through here, so the
//! rules hold by construction:
//!
//! - nothing is sent before the pace allows it, and the moment after which the next may be is stored
//!   before the connection is opened (there is nothing to store where the gap is zero);
//! - nothing is sent unless the lease was renewed less than 75 s ago, by our own monotonic clock, counted
//!   from before the statement was sent;
//! - the address that is connected to is one that the name resolves to now, and that is leased with the
//!   capsule; another address of the name is leased before it is tried.

mod halt;
mod told;
mod whereabouts;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::url::GeminiUrl;
use shared::process::progress::Part;
use shared::store::crawl::address::Claim;
use shared::store::crawl::turn::{GiveBack, Leased, Pause};
use shared::store::known::capsule::{Answer, CapsuleAfter, CapsuleState, Contact};
use shared::store::outcome::{Outcome, Stage};
use shared::store::rule::Rules;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::fetch::fetched::{Fetch, FetchError, Fetched, Want};
use crate::frontier::seam::{Frontier, FrontierError};
use crate::policy::budget::Allowance;
use crate::policy::pace::{self, Manners, Wishes};
use crate::policy::schedule::Jitter;
use crate::policy::standing::{self, Rest, Sign, Standing};
use crate::record::handover::{Grip, Handover, Visit};
pub use halt::Halt;
use halt::blame;
use told::Told;
use whereabouts::Moved;
pub use whereabouts::Whereabouts;

/// A lease is renewed when the last renewal is older than this.
pub const RENEW_AFTER: Duration = Duration::from_secs(40);
/// Nothing is opened when the last renewal is older than this.
pub const TRUSTED_FOR: Duration = Duration::from_secs(75);
/// Addresses of one name that are tried, at most.
const ADDRESSES: usize = 4;

/// The capsule in hand.
#[derive(Debug)]
pub struct Hold<'a, F, N> {
    frontier: &'a F,
    network: &'a N,
    stop: &'a CancellationToken,
    part: Part,
    leased: Leased,
    manners: Manners,
    wishes: Wishes,
    standing: Standing,
    told: Told,
    allowance: Allowance,
    rules: Arc<Rules>,
    /// What it showed last.
    key: Option<Fingerprint>,
    /// When it last answered: so long before that moment.
    answered: Option<(Duration, Instant)>,
    address: Option<IpAddr>,
    others: VecDeque<IpAddr>,
    last_took: Duration,
    free_at: Instant,
    renewed: Instant,
    began: Instant,
    requests: usize,
}

impl<'a, F: Frontier, N: Fetch> Hold<'a, F, N> {
    /// Takes a leased capsule in hand. `sent` is the moment before the lease was asked for.
    #[must_use]
    pub fn new(
        (frontier, network): (&'a F, &'a N),
        (stop, part): (&'a CancellationToken, Part),
        (leased, sent): (Leased, Instant),
        manners: Manners,
        (state, allowance, rules): (CapsuleState, Allowance, Arc<Rules>),
    ) -> Self {
        let now = Instant::now();
        Self {
            frontier,
            network,
            stop,
            part,
            address: leased.ip,
            leased,
            manners,
            wishes: Wishes { crawl_delay: None, slow_gap: state.slow_gap },
            standing: Standing { failures: state.failures, slow_gap: state.slow_gap },
            told: Told::default(),
            allowance,
            rules,
            key: None,
            answered: state.answered_ago.map(|ago| (ago, now)),
            others: VecDeque::new(),
            last_took: Duration::ZERO,
            free_at: now,
            renewed: sent,
            began: now,
            requests: 0,
        }
    }

    /// The lease.
    #[must_use]
    pub const fn leased(&self) -> &Leased {
        &self.leased
    }

    /// Whether a rule shuts out what is at its address, or whoever shows its key.
    #[must_use]
    pub fn is_shut_out(&self) -> bool {
        self.address.is_some_and(|ip| self.rules.shuts_out_address(ip)) || self.shows_shut_out_key()
    }

    /// Whether a rule shuts out whoever shows its key.
    #[must_use]
    pub fn shows_shut_out_key(&self) -> bool {
        self.key.is_some_and(|key| self.rules.shuts_out_key(&key))
    }

    /// How long the turn has lasted.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Requests sent so far.
    #[must_use]
    pub const fn requests(&self) -> usize {
        self.requests
    }

    /// Whether it answered when it was last asked.
    #[must_use]
    pub const fn answers(&self) -> bool {
        self.standing.failures == 0
    }

    /// Whether the site of a URL may be asked once more today.
    #[must_use]
    pub fn may_ask(&self, url: &GeminiUrl) -> bool {
        self.allowance.may_ask(url.site().folder())
    }

    /// How long until the next request may be sent.
    #[must_use]
    pub fn wait(&self) -> Duration {
        self.free_at.saturating_duration_since(Instant::now())
    }

    /// Obeys a `Crawl-delay` from the next request on.
    pub fn obey(&mut self, crawl_delay: Option<Duration>) {
        self.wishes.crawl_delay = crawl_delay;
        if self.requests > 0 {
            self.free_at = self.free_at.max(Instant::now() + self.gap());
        }
    }

    /// Resolves the name, and makes sure that an address of it is leased with the capsule.
    ///
    /// # Errors
    ///
    /// Why the turn cannot go on.
    pub async fn find(&mut self) -> Result<Whereabouts, Halt> {
        let resolved = self.network.resolve(self.leased.addr.host()).await;
        self.part.advanced();
        let resolved = match blame(resolved)? {
            Ok(resolved) => resolved,
            Err(error) => return Ok(Whereabouts::Nowhere(error)),
        };
        let is_open = |ip: &IpAddr| !self.rules.shuts_out_address(*ip);
        let open: Vec<IpAddr> = resolved.iter().copied().filter(is_open).collect();
        if open.is_empty() {
            // Where it is now is known, and nothing is asked of it there.
            self.address = resolved.first().copied();
            return Ok(Whereabouts::Found);
        }
        self.others = open.iter().copied().take(ADDRESSES).collect();
        if let Some(leased) = self.leased.ip
            && open.contains(&leased)
        {
            self.others.retain(|other| *other != leased);
            return Ok(Whereabouts::Found);
        }
        self.address = self.others.front().copied();
        let mut full = None;
        while let Some(ip) = self.others.pop_front() {
            match self.move_to(ip).await? {
                Moved::There => return Ok(Whereabouts::Found),
                Moved::NotThere => {}
                Moved::Full { wait } => full = Some(wait),
            }
        }
        let Some(wait) = full else { return Ok(Whereabouts::Busy) };
        // It has settled nowhere.
        self.address = None;
        Ok(Whereabouts::Full { wait })
    }

    /// Sends a request when the pace allows it. The inner error is the capsule's, the outer one ours.
    ///
    /// # Errors
    ///
    /// Why the turn cannot go on.
    pub async fn get(&mut self, url: &GeminiUrl, want: Want) -> Result<Result<Fetched, FetchError>, Halt> {
        loop {
            let Some(ip) = self.address else { return Err(Halt::Lost) };
            self.permit().await?;
            self.requests += 1;
            let began = Instant::now();
            let fetched = self.network.get(url, ip, want).await;
            self.part.advanced();
            self.last_took = began.elapsed();
            self.free_at = Instant::now() + self.gap();
            let bytes = fetched.as_ref().map_or(0, |fetched| fetched.body.bytes().len() as u64);
            self.allowance.charge(url.site().folder(), bytes);
            self.key = fetched.as_ref().map_or(self.key, |fetched| Some(fetched.certificate.fingerprint));
            match blame(fetched)? {
                Err(error) if error.stage() == Stage::Connect => {
                    let Some(other) = self.others.pop_front() else { return Ok(Err(error)) };
                    if self.move_to(other).await? != Moved::There {
                        return Ok(Err(error));
                    }
                }
                fetched => return Ok(fetched),
            }
        }
    }

    /// What the outcome of a request means for the capsule, and whether it is to rest now. `wait` is what
    /// status 44 named.
    pub fn judge(&mut self, outcome: Outcome, wait: Option<Duration>) -> (CapsuleAfter, Option<Rest>) {
        let sign = Sign::of(outcome, wait);
        let quiet = self.answered.map_or(Duration::ZERO, |(ago, at)| ago + at.elapsed());
        let verdict = standing::after(self.standing, sign, self.gap(), quiet, throw());
        self.standing = verdict.standing;
        self.wishes.slow_gap = verdict.standing.slow_gap;
        let answer = match sign {
            Sign::Answered | Sign::SlowDown(_) => {
                self.answered = Some((Duration::ZERO, Instant::now()));
                Answer::Came
            }
            Sign::Silent => Answer::Failed,
            Sign::Nothing => Answer::NotAsked,
        };
        let breaker = match verdict.rest {
            Some(Rest::Breaker(span)) => Some(span),
            Some(Rest::Asked(_)) | None => None,
        };
        let after = CapsuleAfter {
            capsule: self.leased.capsule,
            slow_gap: verdict.standing.slow_gap,
            failures: verdict.standing.failures,
            breaker,
            answer,
        };
        (after, verdict.rest)
    }

    /// How the capsule stands where nothing was asked of it.
    #[must_use]
    pub const fn unasked(&self) -> CapsuleAfter {
        CapsuleAfter {
            capsule: self.leased.capsule,
            slow_gap: self.standing.slow_gap,
            failures: self.standing.failures,
            breaker: None,
            answer: Answer::NotAsked,
        }
    }

    /// How long the last request took.
    #[must_use]
    pub const fn last_took(&self) -> Duration {
        self.last_took
    }

    /// Commits a visit, with the turn's end if it was the last.
    ///
    /// # Errors
    ///
    /// Why the turn cannot go on.
    pub async fn commit(&mut self, visit: Visit, end: Option<GiveBack>) -> Result<(), Halt> {
        let news = self.told.only_news(visit);
        self.hand_over(Some(news), end).await
    }

    /// Keeps whom the capsule names for holes in it, until it is asked again.
    ///
    /// # Errors
    ///
    /// Why the turn cannot go on.
    pub async fn keep_contact(&self, contact: Contact, again: Duration) -> Result<(), Halt> {
        self.held(self.frontier.keep_contact(&self.leased, contact, again).await)
    }

    /// Gives the capsule back without a visit.
    ///
    /// # Errors
    ///
    /// Why it could not be given back; the lease then ends by itself.
    pub async fn give_back(&self, pause: Pause) -> Result<(), Halt> {
        self.hand_over(None, Some(self.end(pause))).await
    }

    /// The turn's end, after which the capsule is left alone.
    #[must_use]
    pub fn end(&self, pause: Pause) -> GiveBack {
        GiveBack { leased: self.leased.clone(), gap: self.wait(), ip: self.address, pause }
    }

    async fn hand_over(&self, visit: Option<Visit>, end: Option<GiveBack>) -> Result<(), Halt> {
        let handover = Handover { leased: self.leased.clone(), visit, end };
        let committed =
            self.part.idle_during("waits for the commit", self.frontier.hand_over(handover)).await;
        match committed.map_err(Halt::Frontier)? {
            Grip::Held => Ok(()),
            Grip::Lost => Err(Halt::Lost),
        }
    }

    fn gap(&self) -> Duration {
        pace::gap(self.manners, self.last_took, self.wishes)
    }

    /// Waits until a connection may be opened, and makes sure of the lease.
    async fn permit(&mut self) -> Result<(), Halt> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(Halt::Stopped),
            () = self.part.idle_during("waits for its pace", tokio::time::sleep_until(self.free_at)) => {}
        }
        if self.renewed.elapsed() >= RENEW_AFTER {
            let sent = Instant::now();
            self.held(self.frontier.renew(&self.leased).await)?;
            self.renewed = sent;
        }
        let gap = self.gap();
        if !gap.is_zero() {
            self.held(self.frontier.claim(&self.leased, gap).await)?;
        }
        if self.renewed.elapsed() > TRUSTED_FOR {
            return Err(Halt::Lost);
        }
        Ok(())
    }

    fn held(&self, grip: Result<Grip, FrontierError>) -> Result<(), Halt> {
        match grip.map_err(Halt::Frontier)? {
            Grip::Held => Ok(()),
            Grip::Lost => Err(Halt::Lost),
        }
    }

    async fn move_to(&mut self, ip: IpAddr) -> Result<Moved, Halt> {
        match self.frontier.swap(&self.leased, ip).await.map_err(Halt::Frontier)? {
            Claim::Ours { wait } => {
                self.address = Some(ip);
                self.free_at = self.free_at.max(Instant::now() + wait);
                Ok(Moved::There)
            }
            Claim::Taken => Ok(Moved::NotThere),
            Claim::Full { wait } => Ok(Moved::Full { wait }),
        }
    }
}

/// A throw of dice for what is to be spread.
#[must_use]
pub fn throw() -> Jitter {
    Jitter::new(rand::random_range(-1.0..=1.0))
}
