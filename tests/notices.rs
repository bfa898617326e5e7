//! The admin hears of what matters by a command of theirs, and probes and status say the same.
//!
//! A disk that is nearly full is told once, with what to do, to a command that reads it from its standard input; the
//! state folder remembers that across a restart, and when there is room again that is told, too. A command that fails
//! is tried again.
//!
//! As root the program runs as the user `sextant`; without such a user this passes over.

#[path = "support/asking.rs"]
mod asking;
#[path = "support/program.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod program;
#[path = "support/running.rs"]
mod running;

use std::fs;
use std::time::Duration;

use asking::{free_port, get};
use program::{can_run, open_folder, open_to_all, sextant};
use running::Up;
use tokio::time::Instant;

/// No wait is longer.
const LIMIT: Duration = Duration::from_secs(120);

#[track_caller]
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_full_disk_is_told_to_a_command_and_its_end_too() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let at = |name: &str| folder.path().join(name);
    let (state, capsules, told) = (at("state").display().to_string(), at("capsules"), at("told"));
    fs::create_dir_all(capsules.join("garden.example")).expect("a capsule");
    fs::write(capsules.join("garden.example/index.gmi"), "# The garden\n").expect("a page");
    fs::write(&told, "").expect("a file");
    open_to_all(&told);
    let command = at("tell");
    // What it gets: the kind, what is new, whether anything of ours came along, and the message. `SEXTANT_STATE` would
    // lead the command's own calls of `sextant` to another state folder.
    let script = format!(
        "#!/bin/sh\necho \"[$SEXTANT_KIND $SEXTANT_NEWS $1 ${{SEXTANT_CRAWL_RESERVE_MIB-bare}} ${{SEXTANT_STATE-bare}}]\" >> {0}\ncat >> {0}\n",
        told.display()
    );
    fs::write(&command, script).expect("a script");
    open_to_all(&command);
    let probes = free_port();
    let up = |reserve_mib: u64, log: &str| {
        let environment = [
            ("SEXTANT_NOTIFY_COMMAND", format!("{},admin", command.display())),
            ("SEXTANT_NOTIFY_HEARTBEAT", "never".to_owned()),
            ("SEXTANT_PROCESS_PROBES", probes.to_string()),
            ("SEXTANT_CRAWL_RESERVE_MIB", reserve_mib.to_string()),
        ];
        Up::start(&state, &["--space".to_owned(), capsules.display().to_string()], &environment, &at(log))
    };
    let heard = || fs::read_to_string(&told).expect("what was told");

    let running = up(1 << 40, "first.log");
    let first = until("nobody is told", || Some(heard()).filter(|told| told.contains("doctor")));
    assert!(
        first.starts_with("[disk trouble admin bare bare]\nSextant localhost: the disk is nearly full: "),
        "{first}"
    );
    assert!(first.contains("nothing is crawled\n\nMake room"), "{first}");
    let unready = until("it is ready all the same", || {
        get(probes, "/readyz").filter(|(status, text)| *status == 503 && text.contains("nothing is crawled"))
    });
    assert!(unready.1.contains("crawl: nothing is crawled: the disk is nearly full: "), "{unready:?}");
    assert_eq!(get(probes, "/livez").map(|(status, _)| status), Some(200), "it lives all the same");
    let status = until("the status does not say it", || {
        let output = sextant(&["--state", &state, "admin", "status"], &[]);
        Some(String::from_utf8_lossy(&output.stdout).into_owned()).filter(|told| told.contains("nearly full"))
    });
    assert!(status.contains("nothing is crawled"), "{status}");
    drop(running);

    // What was told is remembered across the restart.
    let running = up(0, "second.log");
    let all = until("its end is not told", || Some(heard()).filter(|told| told.contains("over: ")));
    drop(running);
    let lines: Vec<&str> = all.lines().filter(|line| line.starts_with('[')).collect();
    assert_eq!(lines, ["[disk trouble admin bare bare]", "[disk resolved admin bare bare]"], "{all}");
}
