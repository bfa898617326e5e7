//! One capsule in memory: the frontier that leases it and the network that reaches it, with one diary.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shared::gemini::fingerprint::Fingerprint;
use shared::gemini::host::{CapsuleAddr, Host};
use shared::gemini::kind::Kind;
use shared::gemini::response::ResponseHeader;
use shared::store::crawl::address::Claim;
use shared::store::crawl::turn::{GiveBack, Leased, Pause};
use shared::store::id::{CapsuleId, LeaseToken, PageId};
use shared::store::known::capsule::{CapsuleState, Contact};
use shared::store::known::page::{DuePage, Standing};
use shared::store::known::robots::KeptRobots;
use shared::store::outcome::Outcome;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::fetch::fetched::{Body, Ending, Fetch, FetchError, Fetched, SeenCertificate, Signature, Want};
use crate::frontier::seam::{Brief, Frontier, FrontierError};
use crate::policy::budget::{Allowance, Caps};
use crate::record::handover::{Grip, Handover, Visit};
use shared::gemini::url::GeminiUrl;

pub(super) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// What happened, in its order.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Claim(Duration),
    Renew,
    Swap(IpAddr),
    Ask(String, IpAddr),
    Commit(Box<Visit>),
    CommitAndGiveBack(Box<Visit>, GiveBack),
    GiveBack(GiveBack),
}

impl Event {
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Claim(_) => "claim",
            Self::Renew => "renew",
            Self::Swap(_) => "swap",
            Self::Ask(..) => "ask",
            Self::Commit(_) => "commit",
            Self::CommitAndGiveBack(..) => "commit and give back",
            Self::GiveBack(_) => "give back",
        }
    }
}

#[derive(Debug)]
pub(super) struct Space {
    began: Instant,
    diary: Mutex<Vec<(Duration, Event)>>,
    answered: Mutex<Vec<Duration>>,
    open: AtomicUsize,
    most_open: AtomicUsize,
    pub(super) stop: CancellationToken,
    paths: Vec<String>,
    answers: HashMap<String, (String, String)>,
    robots: HashMap<String, KeptRobots>,
    state: CapsuleState,
    took: Duration,
    addresses: Vec<IpAddr>,
    refusing: Option<IpAddr>,
    held: Option<IpAddr>,
    grip: Grip,
    renewals_take: Duration,
    descriptors: usize,
    stops_during: Option<String>,
    caps: Caps,
}

impl Space {
    /// A capsule at 192.0.2.1 with these pages, whose robots.txt is not found and whose pages say nothing much.
    pub(super) fn new(paths: &[&str]) -> Self {
        Self {
            began: Instant::now(),
            diary: Mutex::default(),
            answered: Mutex::default(),
            open: AtomicUsize::new(0),
            most_open: AtomicUsize::new(0),
            stop: CancellationToken::new(),
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            answers: HashMap::new(),
            robots: HashMap::new(),
            state: CapsuleState::default(),
            took: Duration::ZERO,
            addresses: vec![IpAddr::from([192, 0, 2, 1])],
            refusing: None,
            held: None,
            grip: Grip::Held,
            renewals_take: Duration::ZERO,
            descriptors: usize::MAX,
            stops_during: None,
            caps: Caps::None,
        }
    }

    pub(super) fn takes(self, took: Duration) -> Self {
        Self { took, ..self }
    }

    pub(super) fn with_caps(self, requests: u32, bytes: u64) -> Self {
        Self { caps: Caps::PerDay { requests, bytes }, ..self }
    }

    pub(super) fn says(mut self, path: &str, header: &str, body: &str) -> Self {
        self.answers.insert(path.to_owned(), (header.to_owned(), body.to_owned()));
        self
    }

    pub(super) fn keeps(mut self, folder: &str, robots: KeptRobots) -> Self {
        self.robots.insert(folder.to_owned(), robots);
        self
    }

    pub(super) fn wants_contact(mut self) -> Self {
        self.state.wants_contact = true;
        self
    }

    pub(super) fn resolves_to(self, addresses: &[IpAddr]) -> Self {
        Self { addresses: addresses.to_vec(), ..self }
    }

    pub(super) fn refuses_at(self, ip: IpAddr) -> Self {
        Self { refusing: Some(ip), ..self }
    }

    pub(super) fn holds(self, ip: IpAddr) -> Self {
        Self { held: Some(ip), ..self }
    }

    pub(super) fn loses_lease(self) -> Self {
        Self { grip: Grip::Lost, ..self }
    }

    pub(super) fn answers_renewals_after(self, renewals_take: Duration) -> Self {
        Self { renewals_take, ..self }
    }

    pub(super) fn lacks_descriptors(self) -> Self {
        Self { descriptors: 0, ..self }
    }

    pub(super) fn stops_during(self, path: &str) -> Self {
        Self { stops_during: Some(path.to_owned()), ..self }
    }

    /// The lease of the capsule.
    pub(super) fn leased(&self) -> Leased {
        Leased {
            capsule: CapsuleId(1),
            addr: CapsuleAddr::new(Host::parse("a.example").unwrap(), 1965),
            ip: Some(IpAddr::from([192, 0, 2, 1])),
            token: LeaseToken(1),
        }
    }

    fn write(&self, event: Event) {
        self.diary.lock().unwrap().push((self.began.elapsed(), event));
    }

    pub(super) fn events(&self) -> Vec<(Duration, Event)> {
        self.diary.lock().unwrap().clone()
    }

    pub(super) fn moments(&self, word: &str) -> Vec<Duration> {
        self.events().iter().filter(|(_, event)| event.word() == word).map(|(at, _)| *at).collect()
    }

    /// Whether an answer has come and nothing was made of it yet.
    pub(super) fn is_reading(&self) -> bool {
        let is_asked = self.events().last().is_some_and(|(_, event)| event.word() == "ask");
        is_asked && self.answered.lock().unwrap().len() == self.moments("ask").len()
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.most_open.load(Ordering::SeqCst)
    }

    pub(super) fn paths_asked(&self) -> Vec<String> {
        let path = |(_, event)| if let Event::Ask(path, _) = event { Some(path) } else { None };
        self.events().into_iter().filter_map(path).collect()
    }

    pub(super) fn addresses_asked(&self) -> Vec<IpAddr> {
        let ip = |(_, event)| if let Event::Ask(_, ip) = event { Some(ip) } else { None };
        self.events().into_iter().filter_map(ip).collect()
    }

    pub(super) fn claims(&self) -> Vec<Duration> {
        let gap = |(_, event)| if let Event::Claim(gap) = event { Some(gap) } else { None };
        self.events().into_iter().filter_map(gap).collect()
    }

    pub(super) fn swaps(&self) -> Vec<IpAddr> {
        let ip = |(_, event)| if let Event::Swap(ip) = event { Some(ip) } else { None };
        self.events().into_iter().filter_map(ip).collect()
    }

    /// From the end of each request to the start of the next.
    pub(super) fn gaps(&self) -> Vec<Duration> {
        let ends = self.answered.lock().unwrap().clone();
        self.moments("ask").iter().skip(1).zip(ends).map(|(start, end)| *start - end).collect()
    }

    fn visits(&self) -> Vec<Visit> {
        let visit = |(_, event)| match event {
            Event::Commit(visit) | Event::CommitAndGiveBack(visit, _) => Some(*visit),
            Event::Claim(_) | Event::Renew | Event::Swap(_) | Event::Ask(..) | Event::GiveBack(_) => None,
        };
        self.events().into_iter().filter_map(visit).collect()
    }

    /// How each visit ended, those of robots.txt by their requests.
    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        let outcome = |handover: &Visit| match &handover.subject {
            crate::record::handover::Subject::Page(page) => Some(page.after.outcome),
            crate::record::handover::Subject::Robots(_) | crate::record::handover::Subject::Detour => {
                handover.request.as_ref().map(|request| request.outcome)
            }
        };
        self.visits().iter().filter_map(outcome).collect()
    }

    pub(super) fn targets(&self) -> Vec<(String, u8)> {
        let target = |visit: Visit| match visit.subject {
            crate::record::handover::Subject::Page(page) => {
                page.moved.map(|(url, hops)| (url.to_string(), hops))
            }
            crate::record::handover::Subject::Robots(_) | crate::record::handover::Subject::Detour => None,
        };
        self.visits().into_iter().filter_map(target).collect()
    }

    pub(super) fn breaker(&self) -> Option<Duration> {
        self.visits().last().and_then(|visit| visit.capsule?.breaker)
    }

    pub(super) fn given_back(&self) -> Option<GiveBack> {
        self.events().into_iter().find_map(|(_, event)| match event {
            Event::GiveBack(end) | Event::CommitAndGiveBack(_, end) => Some(end),
            Event::Claim(_) | Event::Renew | Event::Swap(_) | Event::Ask(..) | Event::Commit(_) => None,
        })
    }
}

impl Frontier for Space {
    async fn lease(&self, _at_most: usize) -> Result<Vec<Leased>, FrontierError> {
        Ok(Vec::new())
    }

    async fn soonest(&self, _horizon: Duration) -> Result<Option<Duration>, FrontierError> {
        Ok(None)
    }

    async fn brief(&self, leased: &Leased, at_most: usize) -> Result<Brief, FrontierError> {
        let page = |(id, path): (i64, &String)| DuePage {
            id: PageId(id),
            url: GeminiUrl::parse(&format!("gemini://{}{path}", leased.addr)).unwrap(),
            hops: 0,
            failures: 0,
            last: None,
            interval: Duration::ZERO,
            usual: None,
            content: None,
            standing: Standing::Unseen,
            kind: Kind::Page,
            served: None,
            words: None,
        };
        let pages = (1..).zip(&self.paths).map(page).take(at_most).collect();
        let robots = self.robots.clone();
        let allowance = Allowance::new(self.caps, HashMap::new());
        Ok(Brief {
            state: self.state,
            pages,
            allowance,
            robots,
            front: None,
            exclusions: std::sync::Arc::default(),
            idle: Pause::None,
        })
    }

    async fn renew(&self, _leased: &Leased) -> Result<Grip, FrontierError> {
        self.write(Event::Renew);
        tokio::time::sleep(self.renewals_take).await;
        Ok(self.grip)
    }

    async fn claim(&self, _leased: &Leased, gap: Duration) -> Result<Grip, FrontierError> {
        self.write(Event::Claim(gap));
        Ok(self.grip)
    }

    async fn swap(&self, _leased: &Leased, ip: IpAddr) -> Result<Claim, FrontierError> {
        self.write(Event::Swap(ip));
        Ok(if self.held == Some(ip) { Claim::Taken } else { Claim::Ours { wait: Duration::ZERO } })
    }

    async fn keep_contact(
        &self,
        _leased: &Leased,
        _contact: Contact,
        _again: Duration,
    ) -> Result<Grip, FrontierError> {
        Ok(Grip::Held)
    }

    async fn hand_over(&self, handover: Handover) -> Result<Grip, FrontierError> {
        let event = match (handover.visit, handover.end) {
            (Some(visit), None) => Event::Commit(Box::new(visit)),
            (Some(visit), Some(end)) => Event::CommitAndGiveBack(Box::new(visit), end),
            (None, Some(end)) => Event::GiveBack(end),
            (None, None) => return Ok(self.grip),
        };
        self.write(event);
        Ok(self.grip)
    }
}

impl Fetch for Space {
    async fn resolve(&self, _host: &Host) -> Result<Vec<IpAddr>, FetchError> {
        Ok(self.addresses.clone())
    }

    async fn get(&self, url: &GeminiUrl, ip: IpAddr, _want: Want) -> Result<Fetched, FetchError> {
        let path = url.path_and_query().to_owned();
        if self.descriptors == 0 {
            let source = std::io::Error::from_raw_os_error(24);
            return Err(FetchError::Machine { what: "open a socket", source });
        }
        self.write(Event::Ask(path.clone(), ip));
        if self.stops_during.as_ref() == Some(&path) {
            self.stop.cancel();
        }
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_open.fetch_max(open, Ordering::SeqCst);
        tokio::time::sleep(self.took).await;
        self.open.fetch_sub(1, Ordering::SeqCst);
        self.answered.lock().unwrap().push(self.began.elapsed());
        if self.refusing == Some(ip) {
            return Err(FetchError::Connect { source: std::io::Error::from_raw_os_error(111) });
        }
        let (header, body) = match self.answers.get(&path) {
            Some((header, body)) => (header.clone(), body.clone()),
            None if path.ends_with("robots.txt") => ("51 no rules".to_owned(), String::new()),
            None => ("20 text/gemini".to_owned(), format!("# Page {path}\nSome words.\n")),
        };
        Ok(Fetched {
            header: ResponseHeader::parse(header.as_bytes()).unwrap(),
            body: Body::new(body.into_bytes(), Ending::Complete),
            took: self.took,
            certificate: SeenCertificate {
                fingerprint: Fingerprint::of(b"certificate"),
                not_after: None,
                signature: Signature::Checked,
            },
            ip,
        })
    }
}
