//! The admin's story, from the package to the restored machine, as it would be lived.
//!
//! The Debian package is installed into a scratch root and started as its unit starts it; a space is crawled; pages are
//! shut out, after a dry run, and let in again; one page is removed; pages are visited again by order from the command
//! line, from the web desk and from the Gemini desk; the machine is backed up, its database, index and certificate are
//! destroyed, and the backup from before the removal is restored. Then nothing is lost, the removed page stays away
//! although its server still serves it, what was let in since is not shut out again, and visitors and the admin meet the
//! same certificates.
//!
//! Where no package can be built or installed the test says so and passes over (`deploy/test` brings what it needs).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../server/tests/support/browser.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod browser;
#[path = "support/desk.rs"]
mod desk;
#[path = "support/door.rs"]
mod door;
#[path = "support/package.rs"]
mod package;
#[path = "support/program.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod program;
#[path = "support/unit.rs"]
mod unit;
#[path = "../server/tests/support/visitor.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod visitor;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use desk::{GeminiDesk, WebDesk};
use door::door;
use nix::unistd::User;
use package::{can_install, dpkg, packed, scratch_root};
use program::open_folder;
use space::{Capsule, Space};
use tempfile::TempDir;
use tokio::time::Instant;
use unit::Unit;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(180);

/// The only unit of the package that starts everything.
const UNIT: &str = "sextant.service";
const POND: &str = "gemini://garden.example/pond.gmi";
const OLD: &str = "gemini://garden.example/old/*";

/// Words that stand on one page each, and that page.
const FRONT: (&str, &str) = ("greenhouse", "gemini://garden.example/");
const SHED: (&str, &str) = ("wheelbarrow", "gemini://garden.example/shed.gmi");
const LETTER: (&str, &str) = ("correspondence", "gemini://garden.example/old/letter.gmi");
const BENCH: (&str, &str) = ("chestnut", "gemini://meadow.example/bench.gmi");

/// A capsule that is there to the end: its shed is removed here, and served there all the same.
fn garden() -> Capsule {
    Capsule::new()
        .page("/", "# The greenhouse\n=> pond.gmi Frogs\n=> shed.gmi Tools\n=> old/letter.gmi A letter\n=> old/song.gmi A song\n")
        .page("/pond.gmi", "# The pond\nFrogs sing in the evening.\n")
        .page("/shed.gmi", "# The shed\nA rusty wheelbarrow.\n")
        .page("/old/letter.gmi", "# A letter\nThe correspondence of a gardener with a beekeeper.\n")
        .page("/old/song.gmi", "# A song\nThe very same words as elsewhere, all of them.\n")
}

/// A capsule that is gone when the backup is restored: what is found of it then was in the backup.
fn meadow() -> Capsule {
    Capsule::new()
        .page("/", "# The meadow\n=> bench.gmi Rest\n=> song.gmi A song\n")
        .page("/bench.gmi", "# The bench\nMade of chestnut.\n")
        .page("/song.gmi", "# A song\nThe very same words as elsewhere, all of them.\n")
}

/// The installed program on its machine.
struct Machine {
    folder: TempDir,
    root: PathBuf,
}

impl Machine {
    /// Installs the package; none where that cannot be.
    fn install(routes: &str) -> Option<Self> {
        if !can_install() {
            return None;
        }
        let folder = open_folder();
        let package = packed(folder.path(), "0.1.0-1")?;
        let root = scratch_root(folder.path());
        dpkg(&root, &["--install", &package.display().to_string()]);
        let machine = Self { folder, root };
        let state = machine.state();
        // The root has users of its own; what runs in it here is run by this machine's.
        let user = User::from_name("sextant").unwrap().expect("can_install has seen it");
        nix::unistd::chown(&state, Some(user.uid), Some(user.gid)).expect("its folder is handed over");
        let state = state.display();
        let configuration = format!(
            "state = \"{state}\"\n[server]\ngemini = [\"127.0.0.1:0\"]\nweb = [\"127.0.0.1:0\"]\n\
             [admin]\nlisten = [\"{state}/desk.sock\"]\n\
             [crawl]\nreach = \"routed\"\npace = \"unpaced\"\nreserve_mib = 0\n[route]\n{routes}"
        );
        fs::write(machine.configuration(), configuration).expect("a configuration");
        Some(machine)
    }

    fn state(&self) -> PathBuf {
        self.root.join("var/lib/sextant")
    }

    fn configuration(&self) -> PathBuf {
        self.root.join("etc/sextant/sextant.toml")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join(format!("{UNIT}.log"))
    }

    /// What the unit starts, on this root.
    fn start(&self) -> Unit {
        let unit = fs::read_to_string(self.root.join("usr/lib/systemd/system").join(UNIT)).expect("the unit");
        let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("what it starts");
        let mut words = line.split(' ');
        let program = words.next().expect("a program").trim_start_matches('/');
        let mut command = Command::new(self.root.join(program));
        command.args(words).env("SEXTANT_CONFIG", self.configuration());
        let unit = Unit::start(UNIT, command, self.folder.path());
        unit.hears("READY=1");
        unit
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(self.root.join("usr/bin/sextant"))
            .args(arguments)
            .env("SEXTANT_CONFIG", self.configuration())
            .stdin(Stdio::null())
            .output()
            .expect("the installed program starts")
    }

    /// An act of the admin's that must succeed; what it said.
    fn admin(&self, arguments: &[&str]) -> String {
        let done = self.run(&[&["admin"], arguments].concat());
        let told = String::from_utf8_lossy(&done.stdout).into_owned();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{arguments:?} said {told}{said}\n{}", self.log());
        told
    }

    fn finds(&self, (words, page): (&str, &str)) -> bool {
        let found = self.run(&["search", words]);
        String::from_utf8_lossy(&found.stdout).lines().any(|line| line.ends_with(page))
    }

    /// Tries until it holds; each try is a process of its own, so this does not spin.
    fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < end, "{what} does not come: {}", self.log());
        }
    }

    fn until_found(&self, page: (&str, &str)) {
        self.until(page.1, || self.finds(page));
    }

    async fn web_desk(&self, token: &str) -> WebDesk {
        WebDesk::open(self.state().join("desk.sock"), token).await
    }

    fn gemini_desk(&self, certificate: &Path) -> GeminiDesk {
        GeminiDesk::with(door(&self.log_file(), "Gemini is served").expect("Gemini is served"), certificate)
    }

    /// The file that a backup has named.
    fn whole_backup(&self) -> String {
        let backups = self.folder.path().join("backups").display().to_string();
        let told = self.admin(&["backup", "--full", &backups]);
        told.lines().next().and_then(|line| line.rsplit_once(" (")).expect("a file is named").0.to_owned()
    }
}

fn routes(spaces: &[&Space]) -> String {
    let all = spaces.iter().flat_map(|space| space.routes());
    all.map(|(host, address)| format!("\"{host}\" = \"{address}\"\n")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_package_to_the_restored_machine() {
    let staying = Space::builder().capsule("garden.example", garden()).start().await.unwrap();
    let passing = Space::builder().capsule("meadow.example", meadow()).start().await.unwrap();
    let Some(machine) = Machine::install(&routes(&[&staying, &passing])) else { return };
    let unit = machine.start();
    for page in [FRONT, SHED, LETTER, BENCH, ("frogs", POND)] {
        machine.until_found(page);
    }
    pages_are_shut_out_and_let_in_again(&machine);

    let (token, certificate) = keys_to_the_desk(&machine);
    machine.admin(&["exclude", LETTER.1]);
    let older = machine.whole_backup();
    machine.admin(&["purge", SHED.1, "--reason", "asked for"]);
    machine.until("the removal", || !machine.finds(SHED));
    machine.admin(&["lift", LETTER.1]);
    one_page_is_visited_again_by_each_door(&machine, &staying, (&token, &certificate)).await;
    let newer = machine.whole_backup();
    assert!(older < newer, "{older} is older than {newer}");
    let before = machine.gemini_desk(&certificate).shown("/admin").await;
    unit.stop();

    for part in ["postgres/data/base", "postgres/data/global", "index", "server"] {
        fs::remove_dir_all(machine.state().join(part)).expect("it is destroyed");
    }
    let destroyed = machine.run(&["search", "frogs"]);
    assert!(!destroyed.status.success(), "nothing is left: {}", String::from_utf8_lossy(&destroyed.stdout));
    drop(passing);
    let told = machine.admin(&["restore", &older]);
    assert!(told.contains("1 page is removed again that had been removed before, by 1 removal "), "{told}");

    let unit = machine.start();
    machine.until("an index of the restored store", || {
        machine.finds(BENCH) && machine.run(&["index", "verify"]).status.success()
    });
    assert!(machine.finds(FRONT) && machine.finds(BENCH), "something is lost");
    assert!(machine.admin(&["rules"]).contains("1 rule is in force."), "the removal's alone");
    machine.until_found(LETTER);
    assert!(!machine.finds(SHED), "what was removed is back");
    // Its link and its server are still there: the next visit does not bring it back, either.
    let visits = visits(&staying, FRONT.1);
    machine.admin(&["recrawl", FRONT.1]);
    staying.wait_for(|log| count(log, FRONT.1) > visits).await.unwrap();
    machine.until("all that came of it", || {
        !machine.admin(&["runs"]).contains("waits") && machine.run(&["index", "verify"]).status.success()
    });
    assert!(!machine.finds(SHED), "what was removed is back by its link");
    // The one that visitors have pinned, and the admin's that is pinned here; the token opens the other door.
    let again = machine.gemini_desk(&certificate).shown("/admin").await;
    assert!(before.0.starts_with("20 ") && again.0.starts_with("20 "), "{}\n{}", before.0, again.0);
    assert_eq!(before.1, again.1, "the same certificate");
    machine.web_desk(&token).await;
    unit.stop();
}

/// By the commands, each of which says what it would do, does, and has done.
fn pages_are_shut_out_and_let_in_again(machine: &Machine) {
    let told = machine.admin(&["exclude", OLD, "--dry-run"]);
    let (first, examples) = told.split_once('\n').expect("examples");
    assert_eq!(first, format!("{OLD} drops 2 pages of 1 site; nothing was changed"));
    assert!(examples.contains(LETTER.1) && examples.contains("/old/song.gmi"), "{told}");
    assert!(machine.admin(&["rules"]).contains("Nothing is shut out."), "a dry run changes nothing");
    assert!(machine.finds(LETTER), "a dry run hides nothing");
    // What is alike is seen before it is shut out, and names what to shut out.
    let told = machine.admin(&["like", "gemini://garden.example/old/song.gmi"]);
    assert!(told.contains("1 other capsule shares something with it:"), "{told}");
    let kin = told.lines().find(|line| line.contains("meadow.example")).unwrap_or_else(|| panic!("{told}"));
    assert!(kin.ends_with("1 text"), "{kin}");
    let content = told.split("(--content ").nth(1).and_then(|rest| rest.split(',').next()).expect("a hash");
    let by_hash = machine.admin(&["exclude", "--content", content, "--dry-run"]);
    let by_url = machine.admin(&["exclude", "--content", "gemini://meadow.example/song.gmi", "--dry-run"]);
    assert!(by_hash.contains(" drops 2 pages of 2 sites; nothing was changed"), "{by_hash}");
    assert_eq!(by_hash, by_url);

    let told = machine.admin(&["exclude", OLD, "--reason", "an old story", "--visibility", "host"]);
    assert!(told.starts_with(&format!("{OLD} is shut out; job ")), "{told}");
    machine.until("the exclusion", || !machine.finds(LETTER));
    assert!(machine.finds(("frogs", POND)), "what it does not name stays");
    let told = machine.admin(&["exclude", OLD, "--reason", "an old story", "--visibility", "host"]);
    assert_eq!(told.trim_end(), format!("{OLD} was shut out already"));
    let rules = machine.admin(&["rules"]);
    for words in [OLD, "an old story", "visitors see its host"] {
        assert!(rules.contains(words), "{words}: {rules}");
    }
    let refused = machine.run(&["admin", "lift", "nowhere.example"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("there is no rule nowhere.example"), "{said}");
    let told = machine.admin(&["lift", OLD]);
    assert!(told.starts_with(&format!("{OLD} is no longer shut out; job ")), "{told}");
    machine.until_found(LETTER);
}

/// A token, and the file of a certificate, which the admin takes along: this machine is about to be destroyed.
fn keys_to_the_desk(machine: &Machine) -> (String, PathBuf) {
    let told = machine.admin(&["certificate", "ann"]);
    let kept = machine.folder.path().join("ann.pem");
    fs::copy(told.lines().next().expect("the file's path"), &kept).expect("it is copied");
    (machine.admin(&["token"]), kept)
}

/// Each door orders the same page, which says something else each time.
async fn one_page_is_visited_again_by_each_door(
    machine: &Machine,
    space: &Space,
    (token, certificate): (&str, &Path),
) {
    let web = machine.web_desk(token).await;
    let gemini = machine.gemini_desk(certificate);
    for (door, word) in [("console", "marigold"), ("web", "snapdragon"), ("gemini", "foxglove")] {
        let text = format!("# The pond\nFrogs sing in the evening, about {word}.\n");
        space.edit("garden.example", |garden| garden.page("/pond.gmi", text)).unwrap();
        let before = visits(space, POND);
        match door {
            "console" => assert!(machine.admin(&["recrawl", POND]).contains("will do it")),
            "web" => assert!(web.order("recrawl", POND).await.starts_with("/admin/runs")),
            _ => assert!(gemini.order("recrawl", POND).await.starts_with("30 /admin/runs")),
        }
        space.wait_for(|log| count(log, POND) > before).await.unwrap_or_else(|e| panic!("{door}: {e}"));
        machine.until_found((word, POND));
    }
    let audit = machine.admin(&["audit"]);
    for actor in ["console:", "web desk", "certificate:ann"] {
        let line = audit.lines().find(|line| line.contains(actor));
        assert!(line.is_some(), "{actor} did something: {audit}");
    }
    assert_eq!(audit.matches(&format!("recrawl {POND}")).count(), 3, "{audit}");
}

fn count(log: &space::Log, url: &str) -> usize {
    log.requests().filter(|request| request.url == url).count()
}

fn visits(space: &Space, url: &str) -> usize {
    space.look(|log| count(log, url))
}
