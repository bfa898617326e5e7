//! The desk of the running program in the hands of an admin: every screen and every form in Chromium, and the same over
//! Gemini in Amfora, with the certificate that one command makes.
//!
//! The desk is met twice: when nothing has happened yet, and after weeks with reports, rules, a pause, capsules in
//! trouble and long lists. A client that is not installed is passed over with a word (`deploy/test` installs them).

#[path = "support/door.rs"]
mod door;
#[path = "support/driven.rs"]
mod driven;
#[path = "support/past.rs"]
mod past;
#[path = "support/program.rs"]
mod program;
#[path = "support/running.rs"]
mod running;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use door::door;
use driven::{chromium, is_there, ran, script};
use program::{can_run, open_folder, sextant};
use running::Up;
use tempfile::TempDir;
use tokio::time::Instant;

/// No wait is longer.
const LIMIT: Duration = Duration::from_secs(120);

/// The running program, over two capsules.
struct Home {
    folder: TempDir,
    state: String,
    gemini: SocketAddr,
    desk: SocketAddr,
    _up: Up,
}

impl Home {
    /// Started, with every page in the index.
    fn start() -> Self {
        let folder = open_folder();
        let (capsules, log) = (folder.path().join("capsules"), folder.path().join("log"));
        for (page, text) in [
            (
                "garden.example/index.gmi",
                "# The garden\n=> pond.gmi\n=> private/diary.gmi\n=> private/letter.gmi\n",
            ),
            ("garden.example/pond.gmi", "# The pond\nFrogs sing.\n"),
            ("garden.example/private/diary.gmi", "# A diary\nNot for everybody.\n"),
            ("garden.example/private/letter.gmi", "# A letter\nFor one person.\n"),
            ("meadow.example/index.gmi", "# The meadow\n=> old/song.gmi\n"),
            ("meadow.example/old/song.gmi", "# A song\nOf long ago.\n"),
        ] {
            let file = capsules.join(page);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a capsule");
            fs::write(file, text).expect("a page");
        }
        let state = folder.path().join("state").display().to_string();
        let space = ["--space".to_owned(), capsules.display().to_string()];
        let up = Up::start(&state, &space, &[("SEXTANT_ADMIN_LISTEN", "127.0.0.1:0".to_owned())], &log);
        let end = Instant::now() + LIMIT;
        loop {
            // Each look is a process that waits for the database by itself.
            let found = sextant(&["--state", &state, "search", "song"], &[]);
            let is_found =
                String::from_utf8_lossy(&found.stdout).contains("gemini://meadow.example/old/song.gmi");
            match (is_found, door(&log, "Gemini is served"), door(&log, "the admin's desk is open")) {
                (true, Some(gemini), Some(desk)) => return Self { folder, state, gemini, desk, _up: up },
                _ => assert!(Instant::now() < end, "{}", fs::read_to_string(&log).unwrap_or_default()),
            }
        }
    }

    fn admin(&self, arguments: &[&str]) -> String {
        let all: Vec<&str> = ["--state", &self.state, "admin"].iter().chain(arguments).copied().collect();
        let output = sextant(&all, &[]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// The desk in Chromium, as far as one of the scripts goes; false, with a word, where there is none.
    fn by_chromium(&self, token: &str, how: &str) -> bool {
        let Some(mut browser) = chromium("desk.mjs", self.folder.path(), how) else { return false };
        browser.args([format!("http://localhost:{}", self.desk.port()).as_str(), token, how]);
        let Some((said, is_well)) = ran(&mut browser, "node") else { return false };
        eprintln!("{said}");
        assert!(is_well, "{said}");
        true
    }

    /// The desk in Amfora; false, with a word, where there is none.
    fn by_amfora(&self, certificate: &Path) -> bool {
        if !is_there("amfora") || !is_there("tmux") {
            eprintln!("passed over: amfora in tmux is not installed");
            return false;
        }
        let own = self.folder.path().join("amfora");
        fs::create_dir(&own).expect("a folder");
        let mut terminal = Command::new("sh");
        terminal.arg(script("desk.sh")).arg(self.gemini.port().to_string()).arg(own).arg(certificate);
        let Some((said, is_well)) = ran(&mut terminal, "sh") else { return false };
        assert!(is_well, "{said}");
        true
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_looks_and_acts_in_a_browser_and_in_a_client_of_gemini() {
    if !can_run() {
        return;
    }
    let home = Home::start();
    let token = home.admin(&["token"]).trim().to_owned();
    let told = home.admin(&["certificate", "ann"]);
    let certificate = PathBuf::from(told.lines().next().expect("the file's path"));

    home.by_chromium(&token, "quiet");
    past::write(Path::new(&home.state)).await;
    home.admin(&["exclude", "*.spam.example", "--reason", "a trap without end"]);
    home.admin(&["pause", "slow.example", "--reason", "asked by mail to rest until spring"]);
    let in_browser = home.by_chromium(&token, "busy");
    let in_amfora = home.by_amfora(&certificate);

    let audit = home.admin(&["audit"]);
    for (is_met, actor) in [(in_browser, "web desk"), (in_amfora, "certificate:ann")] {
        for act in ["recrawl", "pause", "resume", "exclude", "report"] {
            let line = audit.lines().zip(audit.lines().skip(1));
            let is_written = line
                .into_iter()
                .any(|(what, facts)| what.trim_start().starts_with(act) && facts.contains(actor));
            assert!(is_written || !is_met, "{act} by {actor}: {audit}");
        }
    }
}
