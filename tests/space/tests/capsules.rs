//! Well-behaved capsules, seen by a raw client: the rules of a static server, malformed requests, scripts.

#[path = "support/client.rs"]
mod client;

use std::fs;
use std::path::Path;

use client::{End, ask, ask_within};
use space::{Answer, By, Capsule, Ended, Space};

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, text).expect("a file");
}

#[tokio::test]
async fn a_folder_is_served_as_a_static_server_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    write(root, "secret.txt", "not in any capsule");
    write(root, "a.example/index.gmi", "# Front");
    write(root, "a.example/note.gmi", "# Note");
    write(root, "a.example/plain.txt", "plain");
    write(root, "a.example/read me.md", "spaced");
    write(root, "a.example/logs/index.gemini", "# Logs");
    write(root, "a.example/empty/other.gmi", "# Other");
    write(root, "a.example/logs.gmi", "# Beside a folder with an index");
    write(root, "a.example/tags/one.gmi", "# One");
    write(root, "a.example/tags.gmi", "# Tags");
    write(root, "a.example/pic.PNG", "png");
    write(root, "a.example/LICENSE", "words");
    write(root, "a.example/.well-known/security.txt", "Contact: me");
    write(root, "b.example/index.gmi", "# B");
    std::os::unix::fs::symlink(root.join("secret.txt"), root.join("a.example/leak.txt")).expect("a link");
    std::os::unix::fs::symlink(root, root.join("a.example/up")).expect("a link");
    std::os::unix::fs::symlink(root.join("a.example/note.gmi"), root.join("a.example/same.gmi"))
        .expect("a link");

    let space = Space::builder().folder(root).start().await.expect("a space");
    let address = space.address("a.example").expect("its address");
    let expected = [
        ("/", "20 text/gemini", "# Front"),
        ("", "20 text/gemini", "# Front"),
        ("/index.gmi", "20 text/gemini", "# Front"),
        ("/note", "20 text/gemini", "# Note"),
        ("/note.gmi", "20 text/gemini", "# Note"),
        ("/note?query", "20 text/gemini", "# Note"),
        ("/%6eote", "20 text/gemini", "# Note"),
        ("/same.gmi", "20 text/gemini", "# Note"),
        ("/plain.txt", "20 text/plain", "plain"),
        ("/read%20me.md", "20 text/markdown", "spaced"),
        ("/logs", "31 /logs/", ""),
        ("/logs/", "20 text/gemini", "# Logs"),
        ("/tags", "20 text/gemini", "# Tags"),
        ("/tags/", "51 not found", ""),
        ("/empty", "31 /empty/", ""),
        ("/empty/", "51 not found", ""),
        ("/pic.PNG", "20 image/png", "png"),
        ("/LICENSE", "20 text/plain", "words"),
        ("/.well-known/security.txt", "20 text/plain", "Contact: me"),
        ("/missing", "51 not found", ""),
        ("/robots.txt", "51 not found", ""),
        ("//note", "51 not found", ""),
        ("/note/", "51 not found", ""),
        ("/leak.txt", "51 not found", ""),
        ("/up/secret.txt", "51 not found", ""),
        ("/up/", "51 not found", ""),
        ("/up", "51 not found", ""),
        ("/../secret.txt", "51 not found", ""),
        ("/%2e%2e/secret.txt", "51 not found", ""),
        ("/..%2fsecret.txt", "51 not found", ""),
        ("/logs/..%00", "51 not found", ""),
        ("/%zz", "59 a broken escape", ""),
    ];
    for (path, header, body) in expected {
        let seen = ask(address, &format!("gemini://a.example{path}")).await.expect("an answer");
        assert_eq!((seen.header().as_str(), seen.body().as_str()), (header, body), "{path}");
        assert_eq!(seen.end, End::Closed, "close_notify at {path}");
    }
}

#[tokio::test]
async fn malformed_and_foreign_requests_are_refused_and_closed_well() {
    let space = Space::builder()
        .capsule("a.example", Capsule::new().page("/", "# A"))
        .capsule("b.example", Capsule::new().page("/", "# B"))
        .addresses(1)
        .start()
        .await
        .expect("a space");
    let address = space.address("a.example").expect("its address");
    let port = space.port();
    let long = format!("gemini://a.example/{}", "x".repeat(1_024));
    let expected = [
        ("gemini://a.example/\r\n".to_owned(), "20"),
        (format!("gemini://a.example:{port}/\r\n"), "20"),
        ("gemini://A.EXAMPLE:1965\r\n".to_owned(), "20"),
        ("gemini://b.example/\r\n".to_owned(), "20"),
        ("gemini://c.example/\r\n".to_owned(), "53"),
        ("gemini://a.example:1966/\r\n".to_owned(), "53"),
        ("https://a.example/\r\n".to_owned(), "53"),
        ("gemini://a.example/#top\r\n".to_owned(), "59"),
        ("gemini://me@a.example/\r\n".to_owned(), "59"),
        ("/\r\n".to_owned(), "59"),
        ("\r\n".to_owned(), "59"),
        ("gemini://a.example/\n".to_owned(), "59"),
        ("gemini://a.example/\r\nmore".to_owned(), "59"),
        (format!("{long}\r\n"), "59"),
        (format!("{long}{long}{long}\r\n"), "59"),
    ];
    let limit = std::time::Duration::from_secs(10);
    for (line, status) in expected {
        let seen =
            ask_within(address, "a.example", line.as_bytes(), limit, 1 << 20).await.expect("an answer");
        assert_eq!((&seen.header()[..2], seen.end), (status, End::Closed), "{line}");
    }
}

#[tokio::test]
async fn a_scripted_capsule_plays_its_story() {
    let capsule = Capsule::new()
        .page("/", "# Front")
        .robots("User-agent: *\nDisallow: /x")
        .redirect("/a", "/b")
        .moved("/old", "/new")
        .prompt("/ask", "Your name?")
        .page("/ask?Ada", "# Hello Ada")
        .slow_down("/busy", "30", 2)
        .page("/busy", "# At last")
        .changing("/clock", ["one", "two"])
        .status("/gone", "52 gone")
        .computed("/count", |before| Answer::gemtext(format!("{before}")));
    let space = Space::builder().capsule("a.example", capsule).start().await.expect("a space");
    let address = space.address("a.example").expect("its address");
    let story = [
        ("/robots.txt", "20 text/plain", "User-agent: *\nDisallow: /x"),
        ("/a", "30 /b", ""),
        ("/old", "31 /new", ""),
        ("/ask", "10 Your name?", ""),
        ("/ask?Ada", "20 text/gemini", "# Hello Ada"),
        ("/busy", "44 30", ""),
        ("/busy", "44 30", ""),
        ("/busy", "20 text/gemini", "# At last"),
        ("/clock", "20 text/gemini", "one"),
        ("/clock", "20 text/gemini", "two"),
        ("/clock", "20 text/gemini", "two"),
        ("/gone", "52 gone", ""),
        ("/count", "20 text/gemini", "0"),
        ("/count", "20 text/gemini", "1"),
        ("/none", "51 not found", ""),
    ];
    for (path, header, body) in story {
        let seen = ask(address, &format!("gemini://a.example{path}")).await.expect("an answer");
        assert_eq!((seen.header().as_str(), seen.body().as_str()), (header, body), "{path}");
    }
    space.edit("a.example", |capsule| capsule.page("/", "# New front").without("/gone")).expect("known");
    let front = ask(address, "gemini://a.example/").await.expect("an answer");
    assert_eq!(front.body(), "# New front");
    assert_eq!(ask(address, "gemini://a.example/gone").await.expect("an answer").header(), "51 not found");
    assert_eq!(space.request_count(), story.len() as u64 + 2);
}

#[tokio::test]
async fn the_log_tells_what_was_asked_and_how_it_ended() {
    let space = Space::builder()
        .capsule("a.example", Capsule::new().page("/", "# A"))
        .capsule("b.example", Capsule::new().page("/", "# B"))
        .addresses(1)
        .start()
        .await
        .expect("a space");
    let address = space.address("a.example").expect("its address");
    for url in ["gemini://a.example/", "gemini://b.example/x", "gemini://a.example/"] {
        ask(address, url).await.expect("an answer");
    }
    // A connection without a request, held open beside another.
    let held = client::connect(address, "b.example").await.expect("a connection");
    ask(address, "gemini://a.example/y").await.expect("an answer");

    let seen: Vec<_> = space
        .requests()
        .into_iter()
        .map(|request| (request.host, request.url, request.status, request.ended))
        .collect();
    let entry =
        |host: &str, url: &str, status| (host.to_owned(), url.to_owned(), Some(status), Ended::Complete);
    let expected = [
        entry("a.example", "gemini://a.example/", 20),
        entry("b.example", "gemini://b.example/x", 51),
        entry("a.example", "gemini://a.example/", 20),
        entry("a.example", "gemini://a.example/y", 51),
    ];
    assert_eq!(seen, expected);
    assert_eq!(space.requests_for("a.example").len(), 3);
    assert_eq!(space.open_connections(), 1);
    assert_eq!(space.max_open_at_once(By::Host), 1, "two hosts, one each");
    assert_eq!(space.max_open_at_once(By::Address), 2, "one address, two at once");
    assert_eq!(space.smallest_rest(By::Address), Some(std::time::Duration::ZERO), "they overlapped");
    assert!(space.smallest_gap(By::Host).is_some());

    drop(held);
    space.wait_for(|log| log.open_connections() == 0).await.expect("the client's leaving is seen");
    let never = std::time::Duration::from_millis(20);
    let waited = space.wait_at_most(never, |log| log.request_count() == 99).await;
    assert!(waited.expect_err("nobody asks").to_string().contains("4 requests"));
}

#[tokio::test]
async fn a_stopped_space_leaves_nothing_open() {
    let space = Space::builder()
        .capsule("a.example", Capsule::new().page("/", "# A"))
        .start()
        .await
        .expect("a space");
    let address = space.address("a.example").expect("its address");
    let mut held = client::connect(address, "a.example").await.expect("a connection");
    space.stop().await;
    let mut rest = Vec::new();
    let read = tokio::io::AsyncReadExt::read_to_end(&mut held, &mut rest).await;
    assert!(read.is_err() || rest.is_empty(), "the connection is over");
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "the listener is gone");
}

#[tokio::test]
async fn many_names_start_at_once_each_with_its_address_and_certificate() {
    let space = (0..1_000).fold(Space::builder(), |space, n| {
        space.capsule(&format!("h{n}.example"), Capsule::new().page("/", format!("# Host {n}")))
    });
    let space = space.start().await.expect("a space");
    let routes = space.routes();
    let addresses: std::collections::HashSet<_> = routes.iter().map(|(_, address)| *address).collect();
    assert_eq!(addresses.len(), 1_000);
    for (host, address) in routes.iter().step_by(250) {
        let seen = ask(*address, &format!("gemini://{host}/")).await.expect("an answer");
        assert_eq!(seen.header(), "20 text/gemini", "{host}");
    }
    assert_ne!(space.certificate("h0.example"), space.certificate("h1.example"));
    assert_eq!(space.certificate("h0.example"), space.certificate("h0.example"), "kept");
}

#[tokio::test]
async fn the_collected_capsules_are_served_whole() {
    let data = std::env::var_os("SEXTANT_SHARED_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        std::path::PathBuf::from,
    );
    let archive = data.join("capsules/capsules.tar.gz");
    if !archive.is_file() {
        eprintln!("skipped: {} is not there (set SEXTANT_SHARED_DATA)", archive.display());
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let tar =
        std::process::Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(folder.path()).status();
    assert!(tar.expect("tar runs").success());
    let space = Space::builder().folder(folder.path()).start().await.expect("a space");
    assert_eq!(space.routes().len(), 59);
    let mut links = 0;
    for (host, address) in space.routes() {
        let front = ask(address, &format!("gemini://{host}/")).await.expect("an answer");
        // One host holds only a user's folder.
        let expected = if host == "republic.circumlunar.space" { "51 not found" } else { "20 text/gemini" };
        assert_eq!((front.header().as_str(), front.end), (expected, End::Closed), "{host}");
        let body = front.body();
        let targets = body.lines().filter_map(|line| line.strip_prefix("=> /")?.split([' ', '\t']).next());
        for target in targets.take(5) {
            let seen = ask(address, &format!("gemini://{host}/{target}")).await.expect("an answer");
            assert!(["20", "31", "51"].contains(&&seen.header()[..2]), "{host}/{target}: {}", seen.header());
            links += 1;
        }
    }
    assert!(50 < links, "{links} links followed");
}
