//! What the system says of this process at one moment.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::runtime::Handle;

use super::storm::Storm;
use crate::process;
use crate::report::Report;

/// One moment.
#[derive(Clone, Debug)]
pub(super) struct Readings {
    descriptors: usize,
    ledger: usize,
    tasks: usize,
    permits: usize,
    memory_mib: f64,
    close_wait: usize,
    fin_wait: usize,
}

/// Sockets towards the space that were closed on one side only.
#[derive(Default)]
struct HalfClosed {
    close_wait: usize,
    fin_wait: usize,
}

/// The open descriptors of this process, the one to look with left out.
pub(super) fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(usize::MAX, |found| found.count() - 1)
}

impl Readings {
    pub(super) fn take(storm: &Storm) -> Self {
        let half = HalfClosed::towards(&storm.hostile.addresses());
        Self {
            descriptors: descriptors(),
            ledger: storm.ledger.count(),
            tasks: Handle::current().metrics().num_alive_tasks(),
            permits: storm.network.free_permits(),
            memory_mib: process::own_memory_mib(std::process::id()).unwrap_or(f64::MAX),
            close_wait: half.close_wait,
            fin_wait: half.fin_wait,
        }
    }

    /// Whether no socket is open or half closed.
    pub(super) const fn is_quiet(&self) -> bool {
        self.ledger == 0 && self.close_wait == 0 && self.fin_wait == 0
    }

    /// Whether a later moment has no more than this one.
    pub(super) const fn has_returned(&self, later: &Self) -> bool {
        later.is_quiet()
            && self.descriptors == later.descriptors
            && self.tasks == later.tasks
            && self.permits == later.permits
    }

    /// Tells both moments, and what is promised of the later one.
    pub(super) fn compare(&self, after: &Self, report: &mut Report, growth_mib: f64) {
        let exact = [
            ("fds", self.descriptors, after.descriptors),
            ("sockets", self.ledger, after.ledger),
            ("tasks", self.tasks, after.tasks),
            ("permits", self.permits, after.permits),
        ];
        for (name, before, after) in exact {
            report.figure(&format!("{name}_before"), before);
            report.figure(&format!("{name}_after"), after);
            report.promise(before == after, format!("{name}: {before} before, {after} after"));
        }
        report.figure("close_wait_after", after.close_wait);
        report.figure("fin_wait_after", after.fin_wait);
        report.promise(after.close_wait == 0, format!("{} sockets are in CLOSE_WAIT", after.close_wait));
        report.promise(after.fin_wait == 0, format!("{} sockets are in FIN_WAIT", after.fin_wait));
        let growth = after.memory_mib - self.memory_mib;
        report.measured("rss_before_mib", self.memory_mib);
        report.measured("rss_growth_mib", growth);
        report.promise(
            growth <= growth_mib,
            format!("the process has grown by {growth:.1} MiB, promised are {growth_mib:.0}"),
        );
    }
}

impl HalfClosed {
    /// Looks through the system's table for our ends of connections to these addresses, whether or not a
    /// descriptor still leads to them.
    fn towards(addresses: &BTreeSet<SocketAddr>) -> Self {
        const FIN_WAIT_1: &str = "04";
        const FIN_WAIT_2: &str = "05";
        const CLOSE_WAIT: &str = "08";
        let mut half = Self::default();
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
        for line in table.lines().skip(1) {
            let mut columns = line.split_ascii_whitespace().skip(2);
            let (Some(remote), Some(state)) = (columns.next(), columns.next()) else { continue };
            if !address(remote).is_some_and(|remote| addresses.contains(&remote)) {
                continue;
            }
            match state {
                CLOSE_WAIT => half.close_wait += 1,
                FIN_WAIT_1 | FIN_WAIT_2 => half.fin_wait += 1,
                _ => {}
            }
        }
        half
    }
}

/// `0100007F:07AD` as the kernel writes it: the address in this machine's byte order, the port as a number.
fn address(column: &str) -> Option<SocketAddr> {
    let (ip, port) = column.split_once(':')?;
    let ip = u32::from_str_radix(ip, 16).ok()?;
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(SocketAddr::from((Ipv4Addr::from(ip.to_ne_bytes()), port)))
}
