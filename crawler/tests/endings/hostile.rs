//! Servers that do what servers in the field have done to crawlers, one listener for each.
//!
//! They run in a process of their own: the test starts its own executable again, so that the descriptors of
//! the crawler's process are the crawler's alone. The process ends when its standard input does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What a server does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    /// A page, `close_notify`, FIN.
    Good,
    /// Accepts the connection and says nothing.
    Tarpit,
    /// One byte of a handshake at a time.
    HandshakeDrip,
    /// A reset instead of a handshake.
    ResetInHandshake,
    /// Speaks HTTP.
    Http,
    /// Shakes hands and says nothing.
    SilentAfterHandshake,
    /// One byte of the header at a time.
    HeaderDrip,
    /// A header without an end.
    EndlessHeader,
    /// A body without an end, as fast as it goes.
    EndlessBody,
    /// One byte of the body at a time.
    BodyDrip,
    /// A whole page, and never an end.
    NeverCloses,
    /// FIN without `close_notify`.
    WithoutCloseNotify,
    /// A reset in the body.
    ResetInBody,
    /// `close_notify`, and TCP stays open.
    HalfClosed,
}

pub(crate) const HABITS: [Habit; 14] = [
    Habit::Good,
    Habit::Tarpit,
    Habit::HandshakeDrip,
    Habit::ResetInHandshake,
    Habit::Http,
    Habit::SilentAfterHandshake,
    Habit::HeaderDrip,
    Habit::EndlessHeader,
    Habit::EndlessBody,
    Habit::BodyDrip,
    Habit::NeverCloses,
    Habit::WithoutCloseNotify,
    Habit::ResetInBody,
    Habit::HalfClosed,
];

const MARK: &str = "listening on ";
/// The name of the test that becomes the other process, and the variable that tells it to.
pub(crate) const CHILD_TEST: &str = "the_other_process";
pub(crate) const CHILD_VARIABLE: &str = "SEXTANT_TEST_HOSTILE";

/// The other process.
pub(crate) struct Hostile {
    child: Child,
    addresses: Vec<SocketAddr>,
}

impl Hostile {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().expect("the test knows its own name"))
            .args([CHILD_TEST, "--exact", "--nocapture"])
            .env(CHILD_VARIABLE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the test can start itself");
        let output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        // The test harness writes to the same line.
        let addresses: Vec<SocketAddr> = output
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.split_once(MARK).and_then(|(_, address)| address.parse().ok()))
            .take(HABITS.len())
            .collect();
        assert_eq!(addresses.len(), HABITS.len(), "the other process did not start");
        Self { child, addresses }
    }

    pub(crate) fn address(&self, habit: Habit) -> SocketAddr {
        let place = HABITS.iter().position(|other| *other == habit).expect("every habit is listed");
        self.addresses[place]
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the other process does: serve until its input ends.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let acceptor = acceptor();
        let mut listeners = JoinSet::new();
        for habit in HABITS {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
            let address = listener.local_addr().expect("it is bound");
            writeln!(std::io::stdout(), "\n{MARK}{address}").expect("the test reads it");
            listeners.spawn(accept(listener, habit, acceptor.clone()));
        }
        let wait_for_end = || std::io::stdin().read_to_end(&mut Vec::new());
        let _ = tokio::task::spawn_blocking(wait_for_end).await;
    });
}

fn acceptor() -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("its key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a certificate that fits its key");
    TlsAcceptor::from(Arc::new(config))
}

async fn accept(listener: TcpListener, habit: Habit, acceptor: TlsAcceptor) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(timeout(LONGEST, behave(habit, stream, acceptor.clone())));
        while connections.try_join_next().is_some() {}
    }
}

/// No habit lasts longer: the other process must not leak either.
const LONGEST: Duration = Duration::from_secs(60);

async fn behave(habit: Habit, mut tcp: TcpStream, acceptor: TlsAcceptor) -> std::io::Result<()> {
    match habit {
        Habit::Tarpit => sleep(LONGEST).await,
        Habit::HandshakeDrip => {
            let mut hello = [0; 512];
            let _ = tcp.read(&mut hello).await?;
            // A record that promises 4,000 bytes of ServerHello.
            drip(&mut tcp, b"\x16\x03\x03\x0f\xa0\x02\x00\x0f\x9c\x03\x03").await?;
        }
        Habit::ResetInHandshake => {
            let mut hello = [0; 16];
            let _ = tcp.read(&mut hello).await?;
            SockRef::from(&tcp).set_linger(Some(Duration::ZERO))?;
        }
        Habit::Http => tcp.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await?,
        Habit::Good
        | Habit::SilentAfterHandshake
        | Habit::HeaderDrip
        | Habit::EndlessHeader
        | Habit::EndlessBody
        | Habit::BodyDrip
        | Habit::NeverCloses
        | Habit::WithoutCloseNotify
        | Habit::ResetInBody
        | Habit::HalfClosed => answer(habit, acceptor.accept(tcp).await?).await?,
    }
    Ok(())
}

async fn answer(habit: Habit, mut tls: TlsStream<TcpStream>) -> std::io::Result<()> {
    let mut request = [0; 1_026];
    let _ = tls.read(&mut request).await?;
    match habit {
        Habit::Good => {
            tls.write_all(b"20 text/gemini\r\n# Good\n").await?;
            tls.shutdown().await?;
        }
        Habit::HeaderDrip => drip(&mut tls, &b"2".repeat(500)).await?,
        Habit::EndlessHeader => forever(&mut tls, b"x").await?,
        Habit::EndlessBody => {
            tls.write_all(b"20 text/gemini\r\n").await?;
            forever(&mut tls, b"=> /more More\n").await?;
        }
        Habit::BodyDrip => {
            tls.write_all(b"20 text/gemini\r\n").await?;
            drip(&mut tls, &b"x".repeat(500)).await?;
        }
        Habit::NeverCloses => {
            tls.write_all(b"20 text/gemini\r\n# Whole\n").await?;
            tls.flush().await?;
            sleep(LONGEST).await;
        }
        Habit::WithoutCloseNotify => {
            tls.write_all(b"20 text/gemini\r\n# Old\n").await?;
            tls.flush().await?;
            tls.get_mut().0.shutdown().await?;
            sleep(LONGEST).await;
        }
        Habit::ResetInBody => {
            tls.write_all(b"20 text/gemini\r\n# Half").await?;
            tls.flush().await?;
            sleep(Duration::from_millis(100)).await;
            SockRef::from(tls.get_ref().0).set_linger(Some(Duration::ZERO))?;
        }
        Habit::HalfClosed => {
            tls.write_all(b"20 text/gemini\r\n# Half closed\n").await?;
            tls.get_mut().1.send_close_notify();
            tls.flush().await?;
            sleep(LONGEST).await;
        }
        Habit::SilentAfterHandshake
        | Habit::Tarpit
        | Habit::HandshakeDrip
        | Habit::ResetInHandshake
        | Habit::Http => sleep(LONGEST).await,
    }
    Ok(())
}

/// Less than a second for each byte, as measured by limits that are twenty times faster than in earnest.
async fn drip<S: AsyncWriteExt + Unpin>(stream: &mut S, bytes: &[u8]) -> std::io::Result<()> {
    for byte in bytes {
        stream.write_all(std::slice::from_ref(byte)).await?;
        stream.flush().await?;
        sleep(Duration::from_millis(40)).await;
    }
    sleep(LONGEST).await;
    Ok(())
}

async fn forever<S: AsyncWriteExt + Unpin>(stream: &mut S, piece: &[u8]) -> std::io::Result<()> {
    let much = piece.repeat(1_000);
    loop {
        stream.write_all(&much).await?;
    }
}
