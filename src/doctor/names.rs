//! Our names as the world finds them: where they lead, and what the address is called the other way round.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use crawler::fetch;
use shared::gemini::host::Host;
use tokio::net::lookup_host;
use tokio::time::timeout;

use super::finding::Finding;
use crate::settings::Settings;

/// A resolver that answers later does not count.
const LIMIT: Duration = Duration::from_secs(5);

/// All looks at our names; none where we have none.
pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let ours: Vec<IpAddr> = own_addresses().chain(settings.own_addresses.iter().copied()).collect();
    let mut findings = Vec::new();
    for host in &settings.hosts {
        findings.extend(name(host, &ours).await);
    }
    findings
}

/// The addresses by which this machine goes out. Nothing is sent.
fn own_addresses() -> impl Iterator<Item = IpAddr> {
    let roads = [("0.0.0.0:0", "192.0.2.1:1965"), ("[::]:0", "[2001:db8::1]:1965")];
    roads.into_iter().filter_map(|(from, to)| {
        let socket = UdpSocket::bind(from).ok()?;
        socket.connect(to).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    })
}

async fn name(host: &Host, ours: &[IpAddr]) -> Vec<Finding> {
    let asked = timeout(LIMIT, lookup_host((host.as_str().trim_matches(['[', ']']), 1965))).await;
    let found: Vec<IpAddr> = match asked {
        Ok(Ok(found)) => found.map(|address: SocketAddr| address.ip()).collect(),
        Ok(Err(error)) => {
            let words =
                format!("{host} leads nowhere ({error}): enter an A and an AAAA record at your registrar");
            return vec![Finding::trouble("DNS", words)];
        }
        Err(_elapsed) => {
            return vec![Finding::trouble("DNS", "the resolver does not answer: look at /etc/resolv.conf")];
        }
    };
    let told = list(&found);
    let mut findings = vec![if found.iter().any(|address| ours.contains(address)) {
        Finding::fine("DNS", format!("{host} leads to {told}, which is this machine"))
    } else {
        let words = format!(
            "{host} leads to {told}, and this machine is {}: right if something before it leads the ports here, else mend the record; name the outer address in crawl.own_addresses",
            list(ours)
        );
        Finding::notable("DNS", words)
    }];
    for address in found.into_iter().filter(|address| !address.is_loopback()).take(2) {
        findings.push(reverse(host, address).await);
    }
    findings
}

/// An owner who finds our address in a log looks up its name.
async fn reverse(host: &Host, address: IpAddr) -> Finding {
    let names = timeout(LIMIT, fetch::names_of(address)).await.unwrap_or_default();
    let ours = names.iter().any(|name| name.trim_end_matches('.').eq_ignore_ascii_case(host.as_str()));
    match names.first() {
        Some(_) if ours => Finding::fine("reverse DNS", format!("{address} is called {host}")),
        Some(name) => Finding::notable(
            "reverse DNS",
            format!(
                "{address} is called {name}: where your provider allows it, set it to {host}, so that owners know who visits them"
            ),
        ),
        None => Finding::notable(
            "reverse DNS",
            format!(
                "{address} has no name: where your provider allows it, set it to {host}, so that owners know who visits them"
            ),
        ),
    }
}

fn list(addresses: &[IpAddr]) -> String {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    if addresses.is_empty() { "nowhere".to_owned() } else { addresses.join(", ") }
}
