//! The doors as they stand on this machine: certificate and key, and who listens at each address.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, SystemTime};

use server::gemini::certificate;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::finding::Finding;
use super::holder;
use crate::settings::{Places, Settings};

/// A door on this machine answers at once.
const KNOCK: Duration = Duration::from_secs(2);
/// A certificate is to be good for longer.
const SOON: Duration = Duration::from_secs(30 * 86_400);

/// All looks at the doors.
pub(super) async fn examine(settings: &Settings, places: &Places) -> Vec<Finding> {
    let mut findings = vec![our_certificate(places)];
    for (name, key, addresses) in [
        ("Gemini", "server.gemini", &settings.gemini),
        ("web", "server.web", &settings.web),
        ("Spartan", "server.spartan", &settings.spartan),
        ("probes", "process.probes", &settings.probes),
    ] {
        for &address in addresses {
            findings.push(door(name, key, address).await);
        }
    }
    findings
}

fn our_certificate(places: &Places) -> Finding {
    let folder = places.server();
    let key = folder.join("key.pem");
    let Ok(found) = fs::metadata(&key) else {
        let words =
            format!("there is none in {} yet: the first start of the server makes it", folder.display());
        return Finding::notable("certificate", words);
    };
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let key = key.display();
        let words = format!("others can read the key {key} (mode {mode:o}): chmod 600 {key}");
        return Finding::trouble("certificate", words);
    }
    let Some(expiry) = certificate::expiry(&folder) else {
        let words =
            format!("{} cannot be read: put it back from a backup", folder.join("certificate.pem").display());
        return Finding::trouble("certificate", words);
    };
    match expiry.duration_since(SystemTime::now()) {
        Ok(left) if SOON < left => Finding::fine(
            "certificate",
            format!("good for {} days, its key is ours alone", left.as_secs() / 86_400),
        ),
        Ok(left) => Finding::trouble(
            "certificate",
            format!(
                "runs out in {} days: announce the next one, for clients trust the one they know",
                left.as_secs() / 86_400
            ),
        ),
        Err(_) => Finding::trouble("certificate", "has run out: make a new one, and say so to your visitors"),
    }
}

async fn door(name: &'static str, key: &str, address: SocketAddr) -> Finding {
    let mut knocked_at = address;
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => knocked_at.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => knocked_at.set_ip(Ipv6Addr::LOCALHOST.into()),
        SocketAddr::V4(_) | SocketAddr::V6(_) => {}
    }
    if matches!(timeout(KNOCK, TcpStream::connect(knocked_at)).await, Ok(Ok(_))) {
        return match holder::of(address) {
            Some(holder) if holder.starts_with("sextant") => {
                Finding::fine(name, format!("{address} is answered by {holder}"))
            }
            Some(holder) => Finding::trouble(
                name,
                format!("{address} is held by {holder}: stop it, or set {key} to another address"),
            ),
            None => {
                Finding::fine(name, format!("somebody listens at {address}; as root the doctor says who"))
            }
        };
    }
    match TcpListener::bind(address) {
        Ok(_free) => {
            Finding::trouble(name, format!("nobody listens at {address}: start it with sextant up, or serve"))
        }
        Err(error) => Finding::trouble(
            name,
            format!("nobody answers at {address}, and it cannot be listened at ({error}): set {key}"),
        ),
    }
}
