//! The capsules' servers of the field, each started on a free port with the same small capsule.
//!
//! A server that is not installed is passed over with a word; `deploy/test` installs them.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;

/// The longest that a server may take to listen.
const START: Duration = Duration::from_secs(60);

/// A server that people run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Rust, rustls; statuses from a `.meta` file.
    Agate,
    /// Python, OpenSSL, CGI.
    Jetforce,
    /// Go.
    MollyBrown,
    /// Python, CGI; resets what closes early.
    GmCapsule,
    /// Python; after `close_notify` it leaves TCP open. Redirects and prompts it has none.
    Nauyaca,
}

/// A server at work, killed when dropped.
pub(crate) struct Running {
    pub(crate) host: String,
    pub(crate) address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        // A server that has ended by itself is told by what the crawl did not find.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Peer {
    pub(crate) const ALL: [Self; 5] =
        [Self::Agate, Self::Jetforce, Self::MollyBrown, Self::GmCapsule, Self::Nauyaca];

    const fn program(self) -> &'static str {
        match self {
            Self::Agate => "agate",
            Self::Jetforce => "jetforce",
            Self::MollyBrown => "molly-brown",
            Self::GmCapsule => "gmcapsuled",
            Self::Nauyaca => "nauyaca",
        }
    }

    /// Whether it can redirect and prompt.
    pub(crate) const fn has_programs(self) -> bool {
        match self {
            Self::Agate | Self::Jetforce | Self::MollyBrown | Self::GmCapsule => true,
            Self::Nauyaca => false,
        }
    }

    /// Starts it; none where it is not installed.
    pub(crate) fn start(self) -> Option<Running> {
        let folder = tempfile::tempdir().unwrap();
        let host = format!("{}.example", self.program());
        capsule(self, &folder.path().join("site").join(&host));
        certificate(folder.path(), &host);
        let address = free_address();
        let mut command = self.command(folder.path(), &host, address);
        let log = fs::File::create(folder.path().join("log")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).current_dir(folder.path());
        let Ok(process) = command.spawn() else {
            eprintln!("passed over: {} is not installed", self.program());
            return None;
        };
        let mut running = Running { host, address, process, _folder: folder };
        let end = Instant::now() + START;
        while TcpStream::connect(address).is_err() {
            let log = || fs::read_to_string(running._folder.path().join("log")).unwrap_or_default();
            let ended = running.process.try_wait().unwrap();
            assert!(ended.is_none(), "{self:?} ended: {}", log());
            assert!(Instant::now() < end, "{self:?} does not listen: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(running)
    }

    fn command(self, folder: &Path, host: &str, address: SocketAddr) -> Command {
        let mut command = Command::new(self.program());
        let (ip, port) = (address.ip().to_string(), address.port().to_string());
        let site = folder.join("site").join(host);
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        match self {
            Self::Agate => {
                command.arg("--content").arg(&site).args(["--addr", &address.to_string()]);
                command
                    .args(["--hostname", host, "--skip-port-check"])
                    .arg("--certs")
                    .arg(folder.join("own-certificates"));
            }
            Self::Jetforce => {
                command.args(["--host", &ip, "--port", &port, "--hostname", host]).arg("--dir").arg(&site);
                command.arg("--tls-certfile").arg(certificate).arg("--tls-keyfile").arg(key);
            }
            Self::MollyBrown => {
                let settings = format!(
                    "Port = {port}\nHostname = \"{host}\"\nCertPath = \"{}\"\nKeyPath = \"{}\"\nDocBase = \"{site}\"\n\
                     AccessLog = \"-\"\nErrorLog = \"{}\"\nCGIPaths = [\"{site}/cgi-bin\"]\n",
                    certificate.display(),
                    key.display(),
                    folder.join("errors").display(),
                    site = site.display(),
                );
                command.arg("-c").arg(written(&folder.join("molly.conf"), &settings));
            }
            Self::GmCapsule => {
                let settings = format!(
                    "[server]\nhost = {host}\naddress = {ip}\nport = {port}\ncerts = {folder}/own-certificates\n\
                     threads = 2\nprocesses = 1\n[static]\nroot = {folder}/site\n[cgi]\nbin_root = {folder}/programs\n",
                    folder = folder.display(),
                );
                fs::create_dir_all(folder.join("own-certificates")).unwrap();
                programs(&folder.join("programs").join(host).join("cgi-bin"));
                command.arg("-c").arg(written(&folder.join("gmcapsule.ini"), &settings));
            }
            Self::Nauyaca => {
                let settings = format!(
                    "[server]\nhost = \"{ip}\"\nport = {port}\ndocument_root = \"{}\"\ncertfile = \"{}\"\nkeyfile = \"{}\"\n\
                     [rate_limit]\nenabled = false\n\
                     [certificate_auth]\n[[certificate_auth.paths]]\nprefix = \"/cgi-bin/secret\"\nrequire_cert = true\n",
                    site.display(),
                    certificate.display(),
                    key.display(),
                );
                command.arg("serve").arg("--config").arg(written(&folder.join("nauyaca.toml"), &settings));
            }
        }
        command
    }
}

/// Five pages, a redirect to the sixth, a prompt, a door that wants a certificate, and a link to nowhere.
fn capsule(peer: Peer, site: &Path) {
    fs::create_dir_all(site.join("sub")).unwrap();
    let programs_there = if peer.has_programs() {
        "=> /cgi-bin/moved A page that moved\n=> /cgi-bin/ask A prompt\n"
    } else {
        "=> /target.gmi The page itself\n"
    };
    let front = format!(
        "# A capsule of {peer:?}\n\n=> /one.gmi One\n=> /two.gmi Two\n=> /sub/ A folder\n{programs_there}\
         => /cgi-bin/secret A door\n=> /missing.gmi Nothing\n"
    );
    written(&site.join("index.gmi"), &front);
    for name in ["one", "two", "target", "sub/deep"] {
        written(&site.join(format!("{name}.gmi")), &format!("# Page {name}\n\nSome words of page {name}.\n"));
    }
    written(&site.join("sub/index.gmi"), "# A folder\n\n=> deep.gmi Deeper\n");
    programs(&site.join("cgi-bin"));
    if peer == Peer::Agate {
        let answers = "cgi-bin/moved: 31 /target.gmi\ncgi-bin/ask: 10 Ask me\ncgi-bin/secret: 60 A certificate is wanted\n";
        written(&site.join(".meta"), answers);
    }
}

/// What CGI answers.
fn programs(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for (name, answer) in
        [("moved", "31 /target.gmi"), ("ask", "10 Ask me"), ("secret", "60 A certificate is wanted")]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let program = folder.join(name);
        written(&program, &format!("#!/bin/sh\nprintf '{answer}\\r\\n'\n"));
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn written<'a>(file: &'a Path, text: &str) -> &'a Path {
    fs::write(file, text).unwrap();
    file
}

fn certificate(folder: &Path, host: &str) {
    let made = rcgen::generate_simple_self_signed(vec![host.to_owned()]).unwrap();
    written(&folder.join("cert.pem"), &made.cert.pem());
    written(&folder.join("key.pem"), &made.signing_key.serialize_pem());
}

/// A port that nobody has; the server takes it a moment later.
fn free_address() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}
