//! One connection from accept to close, and the loop that accepts.
//!
//! accept -> `ClientHello` (now the name is known) -> handshake -> request line -> the host's act. A hostile host
//! takes the connection over at its own stage. Every connection is one task in its listener's set.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::server::Acceptor;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::LazyConfigAcceptor;
use tokio_util::sync::CancellationToken;

use crate::answer::Answer;
use crate::behaviour::{self, Behaviour, connect, handshake};
use crate::capsule::Act;
use crate::log::Ended;
use crate::request::{Arrived, Asked, parse, read_line};
use crate::wire::{Wire, read_to_end};
use crate::world::{self, Host, Place, World};

/// How long a client may take for its side of the handshake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// Accepts on one address until the space stops. `names` are the hosts of this address.
pub(crate) async fn listen(
    listener: TcpListener,
    names: Arc<[String]>,
    world: Arc<World>,
    stop: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((tcp, client)) => {
                    connections.spawn(connection(tcp, client, Arc::clone(&names), Arc::clone(&world)));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    // Out of descriptors, most likely: some must be closed before the next try.
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
    connections.shutdown().await;
}

async fn connection(tcp: TcpStream, client: SocketAddr, names: Arc<[String]>, world: Arc<World>) {
    let Ok(address) = tcp.local_addr() else { return };
    let _ = tcp.set_nodelay(true);
    // Where an address has one host only, it is known before any byte; that is how a tarpit works.
    let only = if let [name] = &*names { name.as_str() } else { "" };
    let mut entry = world.recorder.open(address, client, only);
    if let Some(Host::Hostile(Behaviour::Connect(behaviour))) =
        world.places.get(only).map(|place| place.host())
    {
        return connect::run(behaviour, tcp, entry).await;
    }
    let hello = timeout(HANDSHAKE_LIMIT, LazyConfigAcceptor::new(Acceptor::default(), tcp)).await;
    let Ok(Ok(hello)) = hello else { return entry.ended(Ended::NoHandshake) };
    let name = hello.client_hello().server_name().map_or_else(|| only.to_owned(), str::to_ascii_lowercase);
    entry.host(&name);
    let tls = match world.places.get(&name).map(|place| place.host()) {
        Some(Host::Hostile(Behaviour::Connect(behaviour))) => {
            return connect::run(behaviour, hello.io, entry).await;
        }
        Some(Host::Hostile(Behaviour::Handshake(behaviour))) => {
            match handshake::run(behaviour, hello, &name, &mut entry, &world.tls, world.faster).await {
                Some(tls) => tls,
                None => return,
            }
        }
        Some(Host::Capsule(_) | Host::Folder(_) | Host::Generated(..) | Host::Hostile(_)) | None => {
            match timeout(HANDSHAKE_LIMIT, hello.into_stream(world.tls.config())).await {
                Ok(Ok(tls)) => tls,
                Ok(Err(_)) | Err(_) => return entry.ended(Ended::NoHandshake),
            }
        }
    };
    request(Wire { tls, entry, faster: world.faster }, &world).await;
}

async fn request(mut wire: Wire, world: &World) {
    let line = match read_line(&mut wire.tls).await {
        Arrived::Line(line) => line,
        Arrived::NoLine(line, why) => {
            wire.entry.requested(&line);
            return wire.answer_and_drain(&Answer::bad_request(why)).await;
        }
        Arrived::Nothing => return wire.entry.ended(Ended::NoRequest),
    };
    wire.entry.requested(&line);
    let asked = match parse(&line) {
        Ok(asked) => asked,
        Err(why) => return wire.answer(&Answer::bad_request(why)).await,
    };
    match world.serves(&asked) {
        Some(place) => respond(wire, place, &asked).await,
        None => wire.answer(&Answer::status("53 this host is not served here")).await,
    }
}

async fn respond(mut wire: Wire, place: &Place, asked: &Asked) {
    let before = place.count();
    let (act, delay) = world::act(&place.host(), asked).await;
    if !delay.is_zero() && read_to_end(&mut wire.tls, delay).await {
        return wire.entry.ended(Ended::ByClient);
    }
    match act {
        Act::Answer(answer) => wire.answer(&answer).await,
        Act::Misanswer(misanswer) => behaviour::answer(misanswer, wire, asked, before).await,
        // A capsule computes before it hands its act out.
        Act::Compute(compute) => wire.answer(&compute(0)).await,
    }
}
