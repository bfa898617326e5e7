//! The doctor says what is wrong in plain words, and what to do: each thing that is broken here is named with its remedy.

#[path = "support/program.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod program;

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, SystemTime};

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
    assert!(lacking.starts_with("trouble") && lacking.contains("lack 1 steps"), "{lacking}");
    assert!(lacking.contains("the next start of sextant up"), "{lacking}");
    change("insert into _sqlx_migrations select version - 1000000, description, installed_on, success, checksum, execution_time from _sqlx_migrations where version > 1000000").await;
    let newer = line("migrations");
    assert!(newer.starts_with("note") && newer.contains("1 steps newer than this program"), "{newer}");

    let later = SystemTime::now() + Duration::from_secs(3_600);
    scratch.set_clock(later).await.expect("the clock is set");
    let clocks = line("clocks");
    assert!(clocks.starts_with("trouble") && clocks.contains("keep both right by NTP"), "{clocks}");
}
