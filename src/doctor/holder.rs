//! Who listens at a port of this machine, as `/proc` tells: the sockets that listen, and whose descriptor leads there.

use std::fs;
use std::net::SocketAddr;

/// The state of a socket that listens.
const LISTENS: &str = "0A";

/// The process that holds a port, such as `nginx (process 812)`; none where it is somebody else's, who cannot be seen.
pub(super) fn of(address: SocketAddr) -> Option<String> {
    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| inodes(&table, address.port()))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    fs::read_dir("/proc").ok()?.flatten().find_map(|process| {
        let pid: u32 = process.file_name().to_str()?.parse().ok()?;
        let mut open = fs::read_dir(process.path().join("fd")).ok()?.flatten();
        let holds = open.any(|file| {
            let leads_to = fs::read_link(file.path()).unwrap_or_default();
            sockets.iter().any(|socket| leads_to.as_os_str() == socket.as_str())
        });
        let name = fs::read_to_string(process.path().join("comm")).ok()?;
        holds.then(|| format!("{} (process {pid})", name.trim()))
    })
}

/// The sockets of a table that listen at a port.
fn inodes(table: &str, port: u16) -> Vec<String> {
    let end = format!(":{port:04X}");
    let listening = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let is_ours = fields.get(1)?.ends_with(&end) && *fields.get(3)? == LISTENS;
        is_ours.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
    });
    listening.collect()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn who_listens_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let holder = of(address).expect("this process can see itself");
        assert!(holder.contains(&format!("(process {})", std::process::id())), "{holder}");
        drop(listener);
        assert_eq!(of(address), None);
    }
}
