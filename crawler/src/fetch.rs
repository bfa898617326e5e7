//! One future owns a connection from connect to drop.
//!
//! A visit comes in as a URL and an address and goes out as [`Fetched`] or
//! [`FetchError`]. Between them lie connect, handshake, request, header and body, each within its limit and
//! all of them within one: [`Network::get`] puts a `timeout` around the future that owns the socket, so
//! whatever ends the visit (the answer, an error, a limit, the crawler's end, a panic) drops the future, and
//! that closes the socket and strikes it off the [`ledger`]. There is no timer beside it, no spawned
//! task, no shared stream, and closing never waits for the peer. What had arrived before a limit stands
//! outside of the future and is kept.
//!
//! Order of the rules: the name and port are judged before a lookup, and the very address that is connected
//! to is judged again, so a name that changes its address in between gains nothing.

#[cfg(feature = "leak-canary")]
mod canary;
mod connect;
#[cfg(feature = "hang-drill")]
pub(crate) mod drill;
mod exchange;
pub mod fetched;
pub mod ledger;
pub mod limits;
pub mod refused;
mod resolve;
mod tls;
mod trust;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;
use shared::process::figures;
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use exchange::{Allowance, Received};
use fetched::{Body, Ending, Fetch, FetchError, Fetched, Stage, Want};
use ledger::Ledger;
use limits::{Limit, Limits, Routes};
use refused::Rules;
use resolve::Names;

/// The network: everything that visits share.
pub struct Network {
    limits: Limits,
    routes: Routes,
    rules: Rules,
    ledger: Ledger,
    stop: CancellationToken,
    names: Names,
    tls: TlsConnector,
    large: Arc<Semaphore>,
}

/// The TLS settings of every visit, for a client that is to be compared with ours.
#[must_use]
pub fn connector() -> TlsConnector {
    tls::connector()
}

/// What an address is called, by the resolver of this machine; nothing where it has no name, or nobody says.
pub async fn names_of(ip: IpAddr) -> Vec<String> {
    Names::of_address(ip).await
}

impl Network {
    /// The network, as this machine sees it. `stop` ends every visit at once.
    #[must_use]
    pub fn new(
        limits: Limits,
        routes: Routes,
        rules: Rules,
        ledger: Ledger,
        stop: CancellationToken,
    ) -> Self {
        let large = Arc::new(Semaphore::new(limits.large_permits));
        Self {
            limits,
            routes,
            rules,
            ledger,
            stop,
            names: Names::of_the_system(),
            tls: tls::connector(),
            large,
        }
    }

    /// How many more large bodies may be held now.
    #[must_use]
    pub fn free_permits(&self) -> usize {
        self.large.available_permits()
    }

    /// Where to connect to for this URL: its route, or the address if the rules permit it.
    fn permitted(&self, url: &GeminiUrl, ip: IpAddr) -> Result<SocketAddr, FetchError> {
        if let Some(route) = self.routes.get(url.host()) {
            return Ok(route);
        }
        let refused = |refusal| FetchError::Refused { refusal };
        self.rules.permit_name(url.host(), url.capsule().port()).map_err(refused)?;
        self.rules.permit_ip(ip).map_err(refused)?;
        Ok(SocketAddr::new(ip, url.capsule().port()))
    }

    /// A name had no answer in its time. Where the resolver answers nothing else either, that is our trouble, and no
    /// capsule's.
    async fn silence(
        &self,
        said: Option<Result<Vec<IpAddr>, FetchError>>,
        limit: Duration,
    ) -> Result<Vec<IpAddr>, FetchError> {
        match self.stop.run_until_cancelled(Names::answers(limit)).await {
            None => Err(FetchError::Stopped),
            Some(true) => said.unwrap_or(Err(FetchError::TimedOut { stage: Stage::Dns, limit })),
            Some(false) => Err(FetchError::Machine {
                what: "resolve names: its resolver does not answer",
                source: std::io::Error::other("no answer"),
            }),
        }
    }

    /// The future that owns the connection.
    async fn visit(
        &self,
        url: &GeminiUrl,
        address: SocketAddr,
        want: Want,
        received: &mut Received,
    ) -> Result<Ending, FetchError> {
        let limits = &self.limits;
        let begun = Instant::now();
        let connection = connect::connect(&self.ledger, url.capsule(), address, limits.connect).await?;
        figures::STAGES.took(["connect"], begun.elapsed());
        let begun = Instant::now();
        received.stage = Stage::Tls;
        let mut stream =
            tls::handshake(&self.tls, url.host(), address.ip(), connection, limits.handshake).await?;
        figures::STAGES.took(["tls"], begun.elapsed());
        let begun = Instant::now();
        let (connection, session) = stream.get_ref();
        connection.reach(Stage::Header);
        received.certificate = session
            .peer_certificates()
            .and_then(<[_]>::first)
            .map(|shown| trust::seen(shown, self.tls.config()));

        let allowance = Allowance { want, limits, large: &self.large };
        let ending = exchange::exchange(&mut stream, url, allowance, received).await?;
        figures::STAGES.took(["answer"], begun.elapsed());
        match ending {
            Ending::Complete | Ending::WithoutCloseNotify | Ending::NotRead => {
                // Our close_notify, if it goes out at once; nobody waits for theirs.
                let _ = timeout(Duration::ZERO, stream.shutdown()).await;
                stream.get_mut().0.part_in_order();
            }
            Ending::CutByReset | Ending::CutByLimit(_) | Ending::CutByTlsError => (),
        }
        Ok(ending)
    }
}

impl Fetch for Network {
    async fn resolve(&self, host: &Host) -> Result<Vec<IpAddr>, FetchError> {
        if let Some(route) = self.routes.get(host) {
            return Ok(vec![route.ip()]);
        }
        self.rules.permit_host(host).map_err(|refusal| FetchError::Refused { refusal })?;
        let limit = self.limits.dns;
        let begun = Instant::now();
        let lookup = timeout(limit, self.names.lookup(host, &self.rules));
        let said = self.stop.run_until_cancelled(lookup).await;
        figures::STAGES.took(["dns"], begun.elapsed());
        let (word, found) = match said {
            None => return Err(FetchError::Stopped),
            Some(Ok(found @ Ok(_))) => ("found", found),
            Some(Ok(found @ Err(FetchError::NoAddress))) => ("none", found),
            Some(Ok(found @ Err(FetchError::Refused { .. }))) => ("refused", found),
            Some(unanswered) => ("silent", self.silence(unanswered.ok(), limit).await),
        };
        figures::NAMES.add([word], 1);
        found
    }

    async fn get(&self, url: &GeminiUrl, ip: IpAddr, want: Want) -> Result<Fetched, FetchError> {
        let started = Instant::now();
        let address = self.permitted(url, ip)?;
        let limit = self.limits.visit;
        let _in_flight = figures::VISITS_OPEN.hold([]);
        let mut received = Received::nothing();
        let whole = timeout(limit, self.visit(url, address, want, &mut received));
        let ending = match self.stop.run_until_cancelled(whole).await {
            None => return Err(FetchError::Stopped),
            Some(Ok(ended)) => ended?,
            Some(Err(_elapsed)) => Ending::CutByLimit(Limit::Visit),
        };
        // Without a header (or, which the library rules out, a certificate) it was no answer.
        let (Some(header), Some(certificate)) = (received.header, received.certificate) else {
            return Err(FetchError::TimedOut { stage: received.stage, limit });
        };
        figures::STAGES.took(["whole"], started.elapsed());
        figures::VISITED_BYTES.add([], received.bytes.len() as u64);
        let body = Body::with_permit(received.bytes, ending, received.permit);
        Ok(Fetched { header, body, took: started.elapsed(), certificate, ip: address.ip() })
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("open", &self.ledger.count()).finish_non_exhaustive()
    }
}
