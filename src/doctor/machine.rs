//! The machine: memory, descriptors, room, clock, IPv6. One look each.

use std::fs;
use std::net::UdpSocket;
use std::path::Path;

use shared::process::disk::{Scarcity, Step};
use shared::process::machine::{most_descriptors, raised_descriptors, room};

use super::finding::Finding;
use crate::machine::memory_bytes;
use crate::settings::{Places, Settings};

/// Who keeps the clock right, by the name of its process.
const KEEPERS: [&str; 5] = ["systemd-timesyn", "chronyd", "ntpd", "openntpd", "ntpd-rs"];

/// All looks at the machine.
pub(super) fn examine(settings: &Settings, places: &Places) -> Vec<Finding> {
    vec![memory(), descriptors(), disk(settings, places), clock(), ipv6()]
}

fn memory() -> Finding {
    let mib = memory_bytes() >> 20;
    if mib < 900 {
        let advice = "1 GiB is recommended: less and crawl.in_flight should be 16 and index.heap_mb 15";
        return Finding::notable("memory", format!("{mib} MiB for this program; {advice}"));
    }
    Finding::fine("memory", format!("{mib} MiB for this program"))
}

fn descriptors() -> Finding {
    let before = most_descriptors().unwrap_or_default();
    let most = raised_descriptors().unwrap_or(before);
    if most < 1_024 {
        let advice = "raise the limit to 8,192: LimitNOFILE in the unit, ulimit -n in a shell";
        return Finding::trouble("descriptors", format!("{most} files and sockets at once; {advice}"));
    }
    Finding::fine("descriptors", format!("{most} files and sockets at once"))
}

fn disk(settings: &Settings, places: &Places) -> Finding {
    let folder = places.state();
    let Some(room) = room(folder) else {
        let words = format!("there is no state folder {}: `sextant up` makes it", folder.display());
        return Finding::notable("disk", words);
    };
    let step = Step::Enough.after(room, settings.reserve);
    let told = Scarcity { step, room, reserve_bytes: settings.reserve.bytes(room) };
    let words = format!("{}: {told}", folder.display());
    match step {
        Step::Enough => Finding::fine("disk", words),
        Step::Tight | Step::Scarce => Finding::notable("disk", words + "; make room before the crawl stops"),
        Step::Full => Finding::trouble("disk", words + "; make room, or lower crawl.reserve_mib"),
    }
}

/// A clock that nobody keeps right drifts by seconds a day: dates in results, windows and certificates rest on it.
fn clock() -> Finding {
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        return Finding::fine("clock", "kept right by systemd-timesyncd");
    }
    let names = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|process| {
        let name = fs::read_to_string(process.path().join("comm")).ok()?;
        KEEPERS.into_iter().find(|keeper| name.trim() == *keeper)
    });
    match names.into_iter().next() {
        Some(keeper) => Finding::fine("clock", format!("kept right by {keeper}")),
        None => Finding::notable(
            "clock",
            "nobody seems to keep it right: install systemd-timesyncd or chrony (in a container, its host does it)",
        ),
    }
}

/// Whether there is a way out over IPv6: many capsules have it, some have nothing else. Nothing is sent.
fn ipv6() -> Finding {
    let leads = UdpSocket::bind("[::]:0").and_then(|socket| socket.connect("[2001:db8::1]:1965"));
    match leads {
        Ok(()) => Finding::fine("IPv6", "there is a way out"),
        Err(_) => Finding::notable(
            "IPv6",
            "there is no way out: capsules that have nothing else cannot be visited; ask your provider for it",
        ),
    }
}
