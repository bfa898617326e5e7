//! What watches Sextant from outside: its figures in one scrape, its probes, the alerts, and a real Prometheus.
//!
//! - the alert rules and their cases hold before `promtool`, and so does every line of a real scrape;
//! - a scrape shows nothing that is not explained, all processes of `up` at once, and no word of a searcher;
//! - Prometheus finds it up, sees its figures, and raises no alert;
//! - a busy crawl writes so little into the log that a day of it has less than 50 MB, and each line is one object.
//!
//! Without Prometheus (`deploy/test` brings it) the parts that need it pass over.

#[path = "support/asking.rs"]
mod asking;
#[path = "support/program.rs"]
#[allow(dead_code, reason = "each test uses its part of the support")]
mod program;
#[path = "support/running.rs"]
mod running;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use asking::{free_port, get};
use program::{can_run, open_folder};
use running::Up;
use shared::process::figures;
use tokio::time::Instant;

/// No wait is longer.
const LIMIT: Duration = Duration::from_secs(180);

/// The generated space has 2,000 pages; so many are enough.
const PAGES: f64 = 1_500.0;

/// What a day's log may have, and how many pages a busy crawl visits in a day: 20 a second.
const BYTES_A_PAGE: f64 = 50_000_000.0 / (20.0 * 86_400.0);

/// The processes of `up`.
const COMPONENTS: [&str; 4] = ["crawl", "index", "serve", "up"];

/// A word that only a searcher knows.
const CANARY: &str = "zyxcanary";

fn monitoring() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/monitoring")
}

/// Whether Prometheus is installed.
fn has(program: &str) -> bool {
    let is_there =
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !is_there {
        eprintln!(
            "skipped: {program} is not installed (deploy/test brings it; on Debian it is in the package prometheus)"
        );
    }
    is_there
}

fn promtool(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new("promtool")
        .args(arguments)
        .current_dir(monitoring())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool starts");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

#[track_caller]
fn approves(arguments: &[&str], input: &str) {
    let output = promtool(arguments, input);
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "promtool {arguments:?}: {said}");
}

#[test]
fn the_alerts_are_sound_and_their_cases_hold() {
    if !has("promtool") {
        return;
    }
    approves(&["check", "rules", "alerts.yml"], "");
    approves(&["check", "config", "prometheus.yml"], "");
    approves(&["test", "rules", "alerts.test.yml"], "");
}

/// Waits until something is so, and gives it.
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

/// The sum of all series of a name that have this label.
fn sum(figures: &str, name: &str, label: &str) -> f64 {
    let series = figures.lines().filter(|line| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with('{')) && line.contains(label)
    });
    series.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
}

#[test]
fn a_running_sextant_is_watched_by_a_real_prometheus() {
    if !can_run() {
        return;
    }
    let folder = open_folder();
    let at = |name: &str| folder.path().join(name);
    let (state, log) = (at("state").display().to_string(), at("log"));
    let (probes, web, desk) = (free_port(), free_port(), free_port());
    let environment = [
        ("SEXTANT_PROCESS_PROBES", probes.to_string()),
        ("SEXTANT_SERVER_WEB", web.to_string()),
        ("SEXTANT_ADMIN_LISTEN", desk.to_string()),
        ("SEXTANT_LOG_FORMAT", "json".to_owned()),
    ];
    let up = Up::start(&state, &[], &environment, &log);

    let ready = until("it is not ready", || get(probes, "/readyz").filter(|(status, _)| *status == 200));
    assert_eq!(ready, (200, "it is ready\n".to_owned()));
    assert_eq!(get(probes, "/livez"), Some((200, "it lives\n".to_owned())));
    assert_eq!(get(probes, "/admin").map(|(status, _)| status), Some(404), "nothing else is there");
    until("nobody can search", || {
        get(web, &format!("/search?q={CANARY}")).filter(|(status, _)| *status == 200)
    });

    let scrape = || get(probes, "/metrics").map(|(_, figures)| figures);
    let figures = until("too little was crawled", || {
        // On a busy machine the database may answer late for a moment, and whoever waits for it says so.
        let all_are_ready = |figures: &str| sum(figures, "sextant_ready", "") == COMPONENTS.len() as f64;
        scrape().filter(|figures| {
            all_are_ready(figures) && PAGES <= sum(figures, "sextant_visits_total", "outcome=\"fetched\"")
        })
    });
    explained(&figures);
    let beside_the_desk = get(desk, "/metrics").expect("figures beside the desk");
    explained(&beside_the_desk.1);
    assert_eq!(get(desk, "/readyz").map(|(status, _)| status), Some(200));
    assert_eq!(get(web, "/metrics").map(|(status, _)| status), Some(404), "not for the visitors");
    assert!(0.0 < sum(&figures, "sextant_searches_total", "result=\"nothing\""), "{figures}");
    assert!(0.0 < sum(&figures, "sextant_requests_total", "door=\"web\",status=\"2\""), "{figures}");
    if has("promtool") {
        approves(&["check", "metrics"], &figures);
    }
    if has("prometheus") {
        watched(probes, folder.path());
    }
    frugal(&log, sum(&figures, "sextant_visits_total", ""));
    drop(up);
}

/// Nothing is shown that is not explained, and as many series as there are words.
fn explained(figures: &str) {
    let known: BTreeSet<&str> = figures::ALL.iter().map(|figure| figure.name).collect();
    let series: Vec<&str> = figures.lines().filter(|line| !line.starts_with('#')).collect();
    let mut shown = BTreeSet::new();
    for line in &series {
        let name = line.split(['{', ' ']).next().expect("a name");
        let bare =
            ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(known.contains(bare) || known.contains(name), "nobody knows {line}");
        shown.insert(if known.contains(name) { name } else { bare });
        assert!(line.contains("component=\""), "{line}");
    }
    for component in COMPONENTS {
        assert!(figures.contains(&format!("sextant_ready{{component=\"{component}\"}} ")), "{figures}");
    }
    assert!(series.len() < 600, "{} series", series.len());
    assert!(!figures.contains(CANARY) && !figures.contains("example"), "no word of a searcher, and no host");
    // What has not happened (a restart, a damaged index, a backup) is not shown yet.
    let missing: Vec<&str> = known.difference(&shown).copied().collect();
    assert!(missing.len() <= 12, "never recorded: {missing:?}");
}

/// Prometheus, which ends when this is dropped.
struct Prometheus(Child);

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.0.kill().expect("it can be ended");
        self.0.wait().expect("it ends");
    }
}

fn watched(probes: SocketAddr, folder: &Path) {
    let address = free_port();
    let rules = monitoring().join("alerts.yml");
    let config = folder.join("prometheus.yml");
    let text = format!(
        "global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\nrule_files: [{:?}]\nscrape_configs:\n  \
         - job_name: sextant\n    static_configs:\n      - targets: [\"{probes}\"]\n",
        rules.display().to_string()
    );
    fs::write(&config, text).expect("a file");
    let _prometheus = Prometheus(
        Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("prometheus").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Prometheus starts"),
    );
    let ask = |query: &str| {
        let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let (_, answer) = get(address, &format!("/api/v1/query?query={query}"))?;
        let answer: serde_json::Value = serde_json::from_str(&answer).ok()?;
        let result = answer["data"]["result"].as_array()?.clone();
        Some(
            result
                .iter()
                .map(|series| series["value"][1].as_str().unwrap_or_default().to_owned())
                .collect::<Vec<_>>(),
        )
    };
    until("Prometheus does not see it", || ask("up{job=\"sextant\"}").filter(|values| values == &["1"]));
    let pages = until("no visits are seen", || {
        ask("sum(sextant_visits_total{outcome=\"fetched\"})").filter(|values| !values.is_empty())
    });
    assert!(PAGES <= pages[0].parse::<f64>().expect("a number"), "{pages:?}");
    let components = until("no components are seen", || {
        ask("count(count by (component) (process_resident_memory_bytes > 1e6))")
            .filter(|values| !values.is_empty())
    });
    assert_eq!(components, ["4"]);
    let rules = until("the rules are not read", || {
        let (_, answer) = get(address, "/api/v1/rules")?;
        let answer: serde_json::Value = serde_json::from_str(&answer).ok()?;
        let groups = answer["data"]["groups"].as_array()?.clone();
        let rules: Vec<serde_json::Value> =
            groups.iter().filter_map(|group| group["rules"].as_array().cloned()).flatten().collect();
        (!rules.is_empty() && rules.iter().all(|rule| rule["health"] == "ok")).then_some(rules)
    });
    assert!(20 <= rules.len(), "{} rules", rules.len());
    assert_eq!(ask("ALERTS{alertstate=\"firing\"}"), Some(Vec::new()), "all is well");
}

/// The log of a busy crawl at its usual level.
fn frugal(log: &Path, visits: f64) {
    let text = fs::read_to_string(log).expect("a log");
    for line in text.lines() {
        let object: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(object["level"].is_string() && object["timestamp"].is_string(), "{line}");
    }
    assert!(text.contains("a turn has ended"), "turns are told");
    assert!(!text.contains(CANARY), "no word of a searcher");
    let a_page = text.len() as f64 / visits;
    eprintln!("{a_page:.1} bytes of log a page, {visits} visits");
    assert!(a_page < BYTES_A_PAGE, "{a_page:.1} bytes a page, at most {BYTES_A_PAGE:.1}");
}
