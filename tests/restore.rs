//! Backups come back, by the program as an admin runs it.
//!
//! - a whole backup that is older than a removal: the database is destroyed and restored, everything is found again,
//!   what was removed stays removed, the certificate is the same, every index agrees with the store;
//! - a small backup alone, on a machine that has nothing else: rules, dates of first sight and the certificate;
//! - an outside database is replaced as a whole, while nobody uses it; too small a disk is one sentence;
//! - nothing is restored beside a running Sextant, and nothing starts on half a restore.
//!
//! As root the program runs as the user `sextant`; without such a user these tests pass over.

#[path = "support/program.rs"]
mod program;
#[path = "support/running.rs"]
mod running;

use std::fs;
use std::fs::File;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::unistd::{Uid, User};
use program::{can_run, open_folder, sextant};
use running::Up;
use shared::store::cluster::{Cluster, ClusterOptions};
use shared::store::{Store, StoreOptions};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::Instant;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(180);

struct Ground {
    folder: tempfile::TempDir,
    state: String,
    capsules: PathBuf,
}

impl Ground {
    fn new() -> Self {
        let folder = open_folder();
        let state = folder.path().join("state").display().to_string();
        let capsules = folder.path().join("capsules");
        let garden = capsules.join("garden.example");
        fs::create_dir_all(&garden).expect("a capsule");
        for (name, text) in [
            ("index.gmi", "# The garden\n=> pond.gmi Frogs\n=> shed.gmi Tools\n=> bench.gmi Rest\n"),
            ("pond.gmi", "# The pond\nFrogs sing in the evening.\n"),
            ("shed.gmi", "# The shed\nA rusty wheelbarrow.\n"),
            ("bench.gmi", "# The bench\nMade of chestnut.\n"),
        ] {
            fs::write(garden.join(name), text).expect("a page");
        }
        Self { folder, state, capsules }
    }

    fn up(&self, state: &str) -> Up {
        let arguments = ["--space".to_owned(), self.capsules.display().to_string()];
        Up::start(state, &arguments, &[], &self.folder.path().join("log"))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Runs an act that must succeed; what it said.
    fn done(&self, arguments: &[&str]) -> String {
        let output = sextant(&[&["--state", &self.state], arguments].concat(), &[]);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?} said {told}{said}\n{}", self.log());
        told
    }

    /// Runs an act that must fail with a sentence.
    fn refused(&self, arguments: &[&str], words: &str) {
        let output = sextant(&[&["--state", &self.state], arguments].concat(), &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?} said {said}");
        assert!(said.contains(words), "{arguments:?} does not say {words:?}: {said}");
        assert_eq!(said.trim().lines().count(), 1, "one sentence: {said}");
    }

    fn finds(&self, words: &str, page: &str) -> bool {
        let output = sextant(&["--state", &self.state, "search", words], &[]);
        String::from_utf8_lossy(&output.stdout).contains(&format!("gemini://garden.example/{page}"))
    }

    /// Tries until it holds; each try is a process of its own, so this does not spin.
    fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < end, "{what} does not come: {}", self.log());
        }
    }
}

/// A disk of a few blocks: the whole backup is refused before it begins, the small one fails and leaves nothing.
fn too_small_a_disk_is_one_sentence(ground: &Ground) {
    let disk = ground.folder.path().join("disk");
    fs::create_dir(&disk).expect("a folder");
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=8k,mode=777", "none"]).arg(&disk).output();
    if !mounted.is_ok_and(|mounted| mounted.status.success()) {
        eprintln!("skipped: no disk can be mounted here");
        return;
    }
    let path = disk.display().to_string();
    ground.refused(
        &["admin", "backup", "--full", &path],
        " MiB free: name another folder with `sextant admin backup --full FOLDER`",
    );
    ground.refused(&["admin", "backup", &path], "No space left on device");
    let left: Vec<_> =
        fs::read_dir(&disk).expect("the disk").flatten().map(|entry| entry.file_name()).collect();
    let unmounted = Command::new("umount").arg(&disk).status();
    assert!(unmounted.is_ok_and(|unmounted| unmounted.success()));
    assert!(left.is_empty(), "no half file is left: {left:?}");
}

/// The one file that an act has named.
fn named(told: &str) -> PathBuf {
    let file =
        told.lines().next().and_then(|line| line.rsplit_once(" (")).map(|(file, _)| PathBuf::from(file));
    file.unwrap_or_else(|| panic!("no file is named: {told}"))
}

fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).is_ok_and(|about| about.permissions().mode() & 0o777 == 0o600)
}

/// A session with the private database of a state folder that runs.
async fn database(state: &str) -> PgConnection {
    let socket = Path::new(state).join("postgres/socket");
    let options =
        PgConnectOptions::new_without_pgpass().socket(socket).username("sextant").database("sextant");
    options.connect().await.expect("the database answers")
}

#[tokio::test]
async fn an_older_whole_backup_comes_back_without_what_was_removed_since() {
    if !can_run() {
        return;
    }
    let ground = Ground::new();
    let state = Path::new(&ground.state);
    let backups = ground.folder.path().join("backups");
    fs::create_dir(&backups).expect("a folder");
    program::open_to_all(&backups);

    let up = ground.up(&ground.state);
    ground.until("the first crawl", || {
        ground.finds("frogs", "pond.gmi")
            && ground.finds("wheelbarrow", "shed.gmi")
            && ground.finds("chestnut", "bench.gmi")
    });
    let certificate = fs::read(state.join("server/certificate.pem")).expect("a certificate");
    let whole = named(&ground.done(&["admin", "backup", "--full", &backups.display().to_string()]));
    assert!(is_private(&whole), "{}", whole.display());
    ground.done(&["admin", "purge", "gemini://garden.example/shed.gmi", "--reason", "asked for"]);
    ground.until("the removal", || !ground.finds("wheelbarrow", "shed.gmi"));
    too_small_a_disk_is_one_sentence(&ground);
    let small = named(&ground.done(&["admin", "backup"]));
    assert!(is_private(&small) && small.starts_with(state.join("backups")), "{}", small.display());
    assert!(ground.done(&["admin", "status"]).contains("Daily backup"), "its age is told");
    let whole = whole.display().to_string();
    ground.refused(&["admin", "restore", &whole], "sextant must not run meanwhile: stop it first");
    drop(up);

    for part in ["postgres/data/base", "postgres/data/global", "server"] {
        fs::remove_dir_all(state.join(part)).expect("it is destroyed");
    }
    let half = backups.join("half.tar");
    let bytes = fs::read(&whole).expect("the backup");
    fs::write(&half, &bytes[..bytes.len() / 2]).expect("half of it");
    ground.refused(&["admin", "restore", &half.display().to_string()], "this is no whole backup");
    let told = ground.done(&["admin", "restore", &whole]);
    assert!(told.contains("rules and dates are those of the newer "), "{told}");
    assert!(told.contains("the database before is kept in "), "{told}");
    assert!(told.contains("1 page is removed again that had been removed before, by 1 removal "), "{told}");
    assert!(!state.join("postgres.restored").exists());

    let up = ground.up(&ground.state);
    // The old index answers at once, while the new one is built.
    ground.until("the search", || ground.finds("frogs", "pond.gmi"));
    ground.until("the index of the restored store", || {
        let verified = sextant(&["--state", &ground.state, "index", "verify"], &[]);
        verified.status.success()
    });
    assert!(ground.finds("frogs", "pond.gmi") && ground.finds("chestnut", "bench.gmi"), "nothing is lost");
    assert!(!ground.finds("wheelbarrow", "shed.gmi"), "what was removed stays removed");
    assert_eq!(
        fs::read(state.join("server/certificate.pem")).ok(),
        Some(certificate),
        "the same certificate"
    );
    assert!(is_private(&state.join("server/key.pem")));
    drop(up);

    fs::write(state.join("restore.unfinished"), "").expect("a note");
    ground.refused(&["up"], "a restore was interrupted here: do it again to its end");
    ground.refused(&["serve"], "a restore was interrupted here");
}

#[tokio::test]
async fn a_small_backup_alone_brings_back_rules_dates_and_certificate() {
    if !can_run() {
        return;
    }
    let ground = Ground::new();
    let old = ground.up(&ground.state);
    ground.until("the first crawl", || {
        ground.finds("frogs", "pond.gmi") && ground.finds("chestnut", "bench.gmi")
    });
    ground.done(&["admin", "purge", "*.trap.example", "--reason", "a \"trap\", it is"]);
    ground.done(&["admin", "pause", "slow.example"]);
    let mut session = database(&ground.state).await;
    sqlx::query("update page set first_seen = '2021-02-03T04:05:06Z' where path = '/pond.gmi'")
        .execute(&mut session)
        .await
        .expect("an old page");
    let before = sqlx::query_scalar::<_, uuid::Uuid>("select store from store_identity");
    let before = before.fetch_one(&mut session).await.expect("an identity");
    session.close().await.expect("the session ends");
    let small = named(&ground.done(&["admin", "backup"]));
    let certificate =
        fs::read(Path::new(&ground.state).join("server/certificate.pem")).expect("a certificate");
    drop(old);

    let elsewhere = ground.folder.path().join("elsewhere").display().to_string();
    let restored = sextant(&["--state", &elsewhere, "admin", "restore", &small.display().to_string()], &[]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let again = fs::read(Path::new(&elsewhere).join("server/certificate.pem"));
    assert_eq!(again.ok(), Some(certificate), "the same certificate");

    let _up = ground.up(&elsewhere);
    let find = |words: &str| {
        let output = sextant(&["--state", &elsewhere, "search", words], &[]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    ground
        .until("the crawl of what was known", || find("frogs").contains("gemini://garden.example/pond.gmi"));
    let mut session = database(&elsewhere).await;
    let first_seen: String = sqlx::query_scalar(
        "select to_char(first_seen at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS') from page where path = '/pond.gmi'",
    )
    .fetch_one(&mut session)
    .await
    .expect("the page");
    assert_eq!(first_seen, "2021-02-03T04:05:06");
    let rules: Vec<(String, String)> =
        sqlx::query_as("select pattern, reason from exclusion").fetch_all(&mut session).await.expect("rules");
    assert_eq!(rules, [("*.trap.example".to_owned(), "a \"trap\", it is".to_owned())]);
    let paused: Vec<String> =
        sqlx::query_scalar("select pattern from pause").fetch_all(&mut session).await.expect("pauses");
    assert_eq!(paused, ["slow.example"]);
    let after: uuid::Uuid = sqlx::query_scalar("select store from store_identity")
        .fetch_one(&mut session)
        .await
        .expect("an identity");
    assert_ne!(before, after, "another store, so that every index is built anew");
}

/// Tells a store with one page apart from one without.
async fn pages(session: &mut PgConnection) -> Vec<String> {
    let pages = sqlx::query_scalar("select path from page order by path").fetch_all(session);
    pages.await.expect("the pages")
}

#[tokio::test]
async fn a_database_of_somebody_elses_is_backed_up_and_replaced_as_a_whole() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let database = folder.path().join("database");
    fs::create_dir(&database).expect("a folder");
    if let Some(user) = User::from_name("sextant").expect("the users").filter(|_| Uid::effective().is_root())
    {
        chown(&database, Some(user.uid.as_raw()), Some(user.gid.as_raw())).expect("it is theirs");
    }
    let cluster = Cluster::open(&ClusterOptions::new(database.join("pg"))).await.expect("a cluster");
    let url = format!("postgres://sextant@localhost/sextant?host={}", cluster.socket().display());
    let state = folder.path().join("state").display().to_string();
    Store::open(StoreOptions::new(cluster.options())).await.expect("the tables").close().await;
    // A backup that root has made is root's alone: it is handed in, as the program says.
    let act = |arguments: &[&str], input: Stdio| {
        let output = Command::new(env!("CARGO_BIN_EXE_sextant"))
            .args(["--state", &state])
            .args(arguments)
            .env("SEXTANT_DATABASE_URL", &url)
            .stdin(input)
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned(), said)
    };
    let restore = |file: &Path| act(&["admin", "restore", "-"], File::open(file).expect("the backup").into());
    let mut session = cluster.options().connect().await.expect("a session");
    sqlx::raw_sql(
        "insert into capsule (host, port) values ('old.example', 1965);
         insert into page (capsule, path, folder) select id, '/sundial.gmi', '/' from capsule",
    )
    .execute(&mut session)
    .await
    .expect("a page");
    let store: uuid::Uuid = sqlx::query_scalar("select store from store_identity")
        .fetch_one(&mut session)
        .await
        .expect("an identity");
    let backups = folder.path().join("backups").display().to_string();
    let (done, told, said) = act(&["admin", "backup", "--full", &backups], Stdio::null());
    assert!(done, "{said}");
    let whole = named(&told);
    sqlx::raw_sql("delete from page; create table another (x int)")
        .execute(&mut session)
        .await
        .expect("a change");

    let other = cluster.options().application_name("sextant").connect().await.expect("another machine");
    let (done, _, said) = restore(&whole);
    assert!(!done && said.contains("1 other session of sextant uses this database"), "{said}");
    assert_eq!(pages(&mut session).await, Vec::<String>::new(), "nothing was changed");
    other.close().await.expect("it ends");
    let (done, told, said) = restore(&whole);
    assert!(done, "{told}{said}");
    assert_eq!(pages(&mut session).await, ["/sundial.gmi"]);
    let after: uuid::Uuid = sqlx::query_scalar("select store from store_identity")
        .fetch_one(&mut session)
        .await
        .expect("an identity");
    assert_ne!(store, after, "another store, so that every index is built anew");
    session.close().await.expect("it ends");
    cluster.stop().await.expect("it stops");
}
