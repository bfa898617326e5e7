//! The doctor says what is wrong in plain words, and what to do: each thing that is broken here is named with its remedy.

#[path = "support/nameserver.rs"]
mod nameserver;
#[path = "support/program.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod program;

use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use nameserver::{NameServer, Zone};
use program::{can_run, open_folder, open_to_all, sextant};
use shared::store::cluster::scratch;
use sqlx::ConnectOptions as _;

#[test]
fn what_is_broken_is_named_with_its_remedy() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let state = folder.path().join("state");
    fs::create_dir_all(state.join("server")).expect("a folder");
    let key = state.join("server/key.pem");
    fs::write(&key, "not ours alone").expect("a file");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).expect("it is ours");
    open_to_all(&state);
    open_to_all(&state.join("server"));
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (taken_at, free) = (taken.local_addr().expect("an address"), TcpListener::bind("127.0.0.1:0"));
    let free_at = free.and_then(|free| free.local_addr()).expect("an address");
    let environment = [
        ("SEXTANT_SERVER_GEMINI", taken_at.to_string()),
        ("SEXTANT_SERVER_WEB", free_at.to_string()),
        ("SEXTANT_NOTIFY_COMMAND", "/nowhere/tell".to_owned()),
        // More than any disk has, in MiB.
        ("SEXTANT_CRAWL_RESERVE_MIB", (1_u64 << 40).to_string()),
        ("SEXTANT_SERVER_HOST", "nowhere.invalid".to_owned()),
    ];
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let output = sextant(&["--state", &state.display().to_string(), "doctor"], &environment);
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let line = |what: &str| {
        let found = said.lines().find(|line| line.contains(&format!("  {what}: ")));
        found.unwrap_or_else(|| panic!("{what} is not looked at: {said}")).to_owned()
    };
    for (what, mark, words) in [
        ("notices", "trouble", "there is no program /nowhere/tell"),
        ("database", "trouble", "sextant up"),
        ("disk", "trouble", "make room, or lower crawl.reserve_mib"),
        ("certificate", "trouble", "chmod 600"),
        ("web", "trouble", "nobody listens at"),
        ("DNS", "trouble", "nowhere.invalid"),
        ("descriptors", "", "files and sockets"),
        ("memory", "", "MiB"),
        ("clock", "", ""),
        ("IPv6", "", ""),
    ] {
        let line = line(what);
        assert!(line.starts_with(mark) && line.contains(words), "{line}");
    }
    // Whose the port is, the owner of the state may see, or not.
    let gemini = line("Gemini");
    assert!(gemini.contains("held by") || gemini.contains("as root the doctor says who"), "{gemini}");
    eprintln!("{said}");
}

#[tokio::test]
async fn a_database_of_another_version_or_another_time_is_told() {
    let (folder, scratch) = (open_folder(), scratch::database().await);
    let state = folder.path().join("state").display().to_string();
    let url = scratch.options().to_url_lossy().to_string();
    let line = |what: &str| {
        let output = sextant(&["--state", &state, "doctor"], &[("SEXTANT_DATABASE_URL", &url)]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let found = said.lines().find(|line| line.contains(&format!("  {what}: ")));
        found.unwrap_or_else(|| panic!("{what} is not looked at: {said}")).to_owned()
    };
    let mut session = scratch.options().connect().await.expect("a session");
    let mut change = async |statement: &'static str| {
        sqlx::query(statement).execute(&mut session).await.expect("it is changed");
    };
    assert!(line("migrations").starts_with("ok"), "{}", line("migrations"));
    assert!(line("clocks").starts_with("ok"), "{}", line("clocks"));
    change("update _sqlx_migrations set version = version + 1000000 where version = (select max(version) from _sqlx_migrations)").await;
    let lacking = line("migrations");
    assert!(lacking.starts_with("trouble") && lacking.contains("lack 1 step:"), "{lacking}");
    assert!(lacking.contains("the next start of sextant up"), "{lacking}");
    change("insert into _sqlx_migrations select version - 1000000, description, installed_on, success, checksum, execution_time from _sqlx_migrations where version > 1000000").await;
    let newer = line("migrations");
    assert!(newer.starts_with("note") && newer.contains("1 step newer than this program"), "{newer}");

    let later = SystemTime::now() + Duration::from_secs(3_600);
    scratch.set_clock(later).await.expect("the clock is set");
    let clocks = line("clocks");
    assert!(clocks.starts_with("trouble") && clocks.contains("keep both right by NTP"), "{clocks}");
}

/// The lines of the doctor that are about one thing.
fn lines(output: &Output, what: &str) -> Vec<String> {
    let said = String::from_utf8_lossy(&output.stdout);
    let lines = said.lines().filter(|line| line.contains(&format!("  {what}: ")));
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    assert!(!lines.is_empty(), "{what} is not looked at: {said}{}", String::from_utf8_lossy(&output.stderr));
    lines
}

#[test]
fn what_our_address_is_called_is_told() {
    let (right, other, nameless) =
        (Ipv4Addr::new(192, 0, 2, 10), Ipv4Addr::new(192, 0, 2, 11), Ipv4Addr::new(192, 0, 2, 12));
    let zone = Zone::default()
        .address("right.example.org", right)
        .address("other.example.org", other)
        .address("nameless.example.org", nameless)
        .name(right, "Right.example.org")
        .name(other, "host-11.provider.example");
    let Some(_server) = NameServer::start(zone) else { return };
    let folder = open_folder();
    let state = folder.path().join("state");
    let Some(mut doctor) = nameserver::asking(env!("CARGO_BIN_EXE_sextant"), folder.path()) else { return };
    let hosts = "right.example.org,other.example.org,nameless.example.org";
    doctor.arg("--state").arg(&state).arg("doctor").env("SEXTANT_SERVER_HOST", hosts);
    let output = doctor.env("SEXTANT_CRAWL_OWN_ADDRESSES", right.to_string()).output().expect("it looks");
    let [here, elsewhere, _] = lines(&output, "DNS").try_into().expect("a line for each name");
    assert!(here.starts_with("ok") && here.contains("192.0.2.10, which is this machine"), "{here}");
    assert!(elsewhere.starts_with("note") && elsewhere.contains("mend the record"), "{elsewhere}");
    let [ours, anothers, nobodys] =
        lines(&output, "reverse DNS").try_into().expect("a line for each address");
    assert!(ours.starts_with("ok") && ours.contains("192.0.2.10 is called right.example.org"), "{ours}");
    let called = "192.0.2.11 is called host-11.provider.example.";
    assert!(anothers.starts_with("note") && anothers.contains(called), "{anothers}");
    assert!(anothers.contains("set it to other.example.org"), "{anothers}");
    assert!(nobodys.starts_with("note") && nobodys.contains("192.0.2.12 has no name"), "{nobodys}");
}

#[test]
fn who_keeps_the_clock_right_is_told() {
    let folder = open_folder();
    let state = folder.path().join("state").display().to_string();
    let clock = || lines(&sextant(&["--state", &state, "doctor"], &[]), "clock").remove(0);
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        assert!(clock().starts_with("ok") && clock().contains("systemd-timesyncd"), "{}", clock());
        return;
    }
    let before = clock();
    assert!(
        before.contains("nobody seems to keep it right: install") || before.contains("kept right by"),
        "{before}"
    );
    // A process is known by the name of its program.
    let keeper = folder.path().join("openntpd");
    symlink("/bin/sleep", &keeper).expect("a link");
    let mut running = Command::new(&keeper).arg("600").spawn().expect("it starts");
    let during = clock();
    running.kill().expect("it can be ended");
    running.wait().expect("it ends");
    assert!(during.starts_with("ok") && during.contains("kept right by"), "{during}");
    let after = clock();
    assert_eq!(after, before, "it is gone");
    assert_eq!(before.starts_with("note"), before.contains("nobody seems"), "{before}");
}
