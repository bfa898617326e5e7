//! A name server of our own on this machine, and programs that ask it: in a mount space of theirs, where
//! `/etc/resolv.conf` names it. Both take root.

use std::collections::HashMap;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Where it listens: at the port that `resolv.conf` cannot change, on an address of this machine that nobody else uses.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 19, 65, 53);
/// Between two looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(100);

const A: u16 = 1;
const PTR: u16 = 12;
const NO_SUCH_NAME: u8 = 3;

/// What a name server knows: addresses of names, and names of addresses.
#[derive(Default)]
pub(crate) struct Zone {
    records: HashMap<(String, u16), Vec<u8>>,
}

impl Zone {
    pub(crate) fn address(mut self, name: &str, address: Ipv4Addr) -> Self {
        self.records.insert((name.to_owned(), A), address.octets().to_vec());
        self
    }

    pub(crate) fn name(mut self, address: Ipv4Addr, name: &str) -> Self {
        let [a, b, c, d] = address.octets();
        let labels = name.split('.').filter(|label| !label.is_empty());
        let mut data: Vec<u8> =
            labels.flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat()).collect();
        data.push(0);
        self.records.insert((format!("{d}.{c}.{b}.{a}.in-addr.arpa"), PTR), data);
        self
    }

    /// The answer to a message; none where it is no question.
    fn answer(&self, message: &[u8]) -> Option<Vec<u8>> {
        let (mut at, mut labels) = (12, Vec::new());
        loop {
            let length = usize::from(*message.get(at)?);
            let label = message.get(at + 1..at + 1 + length)?;
            at += 1 + length;
            if length == 0 {
                break;
            }
            labels.push(String::from_utf8_lossy(label).to_lowercase());
        }
        let kind = u16::from_be_bytes(message.get(at..at + 2)?.try_into().ok()?);
        let name = labels.join(".");
        let found = self.records.get(&(name.clone(), kind));
        let is_known = self.records.keys().any(|(known, _)| *known == name);
        let code = if is_known { 0 } else { NO_SUCH_NAME };
        let counts = [0, 1, 0, u8::from(found.is_some()), 0, 0, 0, 0];
        let mut answer = [&message[..2], &[0x81, 0x80 | code], &counts, &message[12..at + 4]].concat();
        if let Some(data) = found {
            // The name of the question again, for a minute.
            answer.extend([0xC0, 12]);
            answer.extend(kind.to_be_bytes());
            answer.extend([0, 1, 0, 0, 0, 60]);
            answer.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
            answer.extend(data);
        }
        Some(answer)
    }
}

/// A name server that answers until it is dropped.
pub(crate) struct NameServer {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl NameServer {
    /// Starts it; none, with a word, where the machine does not let us.
    pub(crate) fn start(zone: Zone) -> Option<Self> {
        let socket = match UdpSocket::bind((ADDRESS, 53)) {
            Ok(socket) => socket,
            Err(error) => {
                eprintln!("passed over: no name server can listen at {ADDRESS} ({error}); it takes root");
                return None;
            }
        };
        socket.set_read_timeout(Some(LOOK)).expect("a limit");
        let is_over = Arc::new(AtomicBool::new(false));
        let is_unwanted = Arc::clone(&is_over);
        let answer = move || {
            let mut message = [0; 1_500];
            while !is_unwanted.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut message) else { continue };
                if let Some(answer) = zone.answer(&message[..length]) {
                    socket.send_to(&answer, from).expect("it is sent");
                }
            }
        };
        let thread = Builder::new().spawn(answer).expect("a thread");
        Some(Self { is_over, thread: Some(thread) })
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// A program that asks the name server; none, with a word, where it can have no mount space of its own.
pub(crate) fn asking(program: &str, folder: &Path) -> Option<Command> {
    let file: PathBuf = folder.join("resolv.conf");
    std::fs::write(&file, format!("nameserver {ADDRESS}\n")).expect("a file");
    let bind = "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"";
    let within = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", bind]).arg(&file).arg(program);
        command
    };
    if !within("true").output().is_ok_and(|tried| tried.status.success()) {
        eprintln!("passed over: nothing can be mounted here for one program alone");
        return None;
    }
    Some(within(program))
}
