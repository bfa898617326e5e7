//! All doors lead to the same acts, and none of the public ones to the desk.

use super::*;

#[tokio::test]
async fn a_hundred_triggers_at_three_doors_are_one_job() {
    let desk = Desk::open().await;
    let ann = Identity::until(2089);
    desk.keys.pin(ann.fingerprint(), "ann").unwrap();
    let browser = desk.inside().await;
    let looked_at = desk.gemini(ann.shown(), "/admin/consider/recrawl?garden.example").await;
    let way = link(&looked_at, "Recrawl: garden.example").to_owned();
    let console = Admin::at_the_console("ann");
    let pattern = "garden.example".parse().unwrap();
    for number in 0..100 {
        match number % 3 {
            0 => assert!(desk.gemini(ann.shown(), &way).await.starts_with("30 ")),
            1 => {
                let said = browser.post("/admin/do/recrawl", "target=garden.example").await;
                assert_eq!(said.status, "303");
            }
            _ => drop(acts::recrawl::recrawl(&console, &desk.store(), &pattern).await.unwrap()),
        }
    }
    assert_eq!(desk.jobs().await.len(), 1);
    let acts = desk.acts().await;
    assert_eq!(acts.len(), 100, "each was written down");
    for actor in ["certificate:ann", "web desk", "console:ann"] {
        assert!(33 <= acts.iter().filter(|act| act.actor == actor).count(), "{actor}");
    }
}

/// Every path of the desk, as the one list of them has it.
fn desk_paths() -> Vec<&'static str> {
    let consts =
        include_str!("../../src/paths/desk.rs").lines().filter(|line| line.starts_with("pub const "));
    let paths: Vec<&str> = consts.filter_map(|line| line.split('"').nth(1)).collect();
    assert!(12 < paths.len() && paths.iter().all(|path| path.starts_with('/')), "{paths:?}");
    paths
}

#[tokio::test]
async fn nothing_of_the_desk_is_at_the_public_doors() {
    let desk = Desk::open().await;
    let browser = desk.inside().await;
    let public = Browser { desk: desk.house.web, cookie: browser.cookie.clone(), hand: browser.hand.clone() };
    for path in desk_paths().into_iter().chain(["/admin/do/recrawl", "/admin/consider/purge"]) {
        assert_eq!(public.get(path).await.status, "404", "the web's {path}");
        assert_eq!(public.post(path, "target=example.org").await.status, "405", "the web's {path}");
        let mut stream = TcpStream::connect(desk.house.spartan).await.unwrap();
        stream.write_all(format!("localhost {path} 0\r\n").as_bytes()).await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        assert!(said.starts_with("4 "), "Spartan's {path}: {said}");
        let said = desk.gemini(nobody(), path).await;
        let shut = if path.starts_with("/admin") { "60 " } else { "51 " };
        assert!(said.starts_with(shut), "Gemini's {path}: {said}");
    }
    assert!(desk.acts().await.is_empty());
}

#[tokio::test]
async fn every_screen_is_shown_at_both_doors_with_an_empty_store() {
    let desk = Desk::open().await;
    let ann = Identity::until(2089);
    desk.keys.pin(ann.fingerprint(), "ann").unwrap();
    let browser = desk.inside().await;
    for (path, name) in server::desk::board::SCREENS {
        let page = browser.get(path).await;
        assert_eq!(page.status, "200", "{path}");
        assert!(page.body.contains(&format!("<h1>{name}</h1>")), "{path}: {}", page.body);
        assert!(!page.body.contains("style=\"") && !page.body.contains("onclick"), "nothing inline: {path}");
        let page = desk.gemini(ann.shown(), path).await;
        assert!(page.starts_with("20 ") && page.contains(&format!("# {name}\n")), "{path}: {page}");
        assert_eq!(browser.get(&format!("{path}/0")).await.status, "404", "{path}");
    }
    assert_eq!(browser.get("/admin/audit/2").await.status, "200");
    assert_eq!(browser.get("/admin/audit/99999").await.status, "404");
    for file in ["/style.css", "/desk.css", "/desk.js", "/favicon.svg"] {
        assert_eq!(browser.get(file).await.status, "200", "{file}");
    }
}

#[tokio::test]
async fn a_screen_is_told_what_changes_as_it_changes() {
    let desk = Desk::open().await;
    let browser = desk.inside().await;
    assert_eq!(Browser::at(desk.web()).get("/admin/pulse").await.status, "401");
    let mut stream = TcpStream::connect(desk.web()).await.unwrap();
    let ask = format!(
        "GET /admin/pulse?q=%2Fadmin%2Fcapsules HTTP/1.1\r\nhost: localhost\r\ncookie: {}\r\n\r\n",
        browser.cookie
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut said = String::new();
    until(&mut stream, &mut said, "Every capsule that is visited answers.").await;
    assert!(said.contains("content-type: text/event-stream"), "{said}");
    assert!(!said.contains("paused.example"));
    assert_eq!(browser.post("/admin/do/pause", "target=paused.example").await.status, "303");
    until(&mut stream, &mut said, "paused.example").await;
}

async fn until(stream: &mut TcpStream, said: &mut String, word: &str) {
    let mut bytes = [0; 4_096];
    while !said.contains(word) {
        let read = tokio::time::timeout(LIMIT, stream.read(&mut bytes)).await.expect("it is told in time");
        let read = read.unwrap();
        assert!(0 < read, "the stream ended before {word:?}: {said}");
        said.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
}

#[tokio::test]
async fn a_socket_is_for_its_owner_and_group() {
    let desk = Desk::open().await;
    let DeskAddress::Unix(path) = &desk.house.desk[1] else { panic!("the second address is a socket") };
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o660);
    let stream = UnixStream::connect(path).await.unwrap();
    let said = exchange(stream, "GET /admin HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n", "").await;
    assert_eq!((said.status.as_str(), said.header("location")), ("303", Some("/admin/login")));
}

#[tokio::test]
async fn the_door_ends_each_answer_in_order() {
    let desk = Desk::open().await;
    let ann = Identity::until(2089);
    desk.keys.pin(ann.fingerprint(), "ann").unwrap();
    let (said, ending) = desk.house.ask_by(ann.shown(), b"gemini://localhost/admin\r\n").await;
    assert!(said.starts_with(b"20 "));
    assert_eq!(ending, Ending::CloseNotify);
}

#[tokio::test]
async fn how_much_of_a_rule_visitors_see_is_chosen_at_both_doors() {
    let desk = Desk::open().await;
    let (browser, ann) = (desk.inside().await, Identity::until(2089));
    desk.keys.pin(ann.fingerprint(), "ann").unwrap();
    let ask = async |path: &str| desk.gemini(ann.shown(), path).await;
    let public = async || {
        let page = Browser::at(desk.house.web).get("/exclusions").await;
        assert_eq!(page.status, "200", "{}", page.body);
        page.body
    };
    let (farm, diary) = ("*.farm.example", "gemini://a.example/diary");

    let looked_at = browser.get("/admin/consider/exclude?q=*.farm.example").await.body;
    for choice in ["full\" selected", "host\"", "count\""] {
        assert!(looked_at.contains(&format!("<option value=\"{choice}>")), "{choice}: {looked_at}");
    }
    let odd = browser.post("/admin/do/exclude", "target=*.farm.example&visibility=half").await;
    assert_eq!(odd.status, "400", "{}", odd.body);
    let form = "target=*.farm.example&note=too+alike&visibility=count";
    assert_eq!(browser.post("/admin/do/exclude", form).await.status, "303");
    let looked_at = ask("/admin/consider/exclude?gemini://a.example/diary").await;
    let way = link(&looked_at, "(visitors see its host)").to_owned();
    assert!(ask(&way).await.starts_with("10 Type yes"), "{looked_at}");
    assert!(ask(&format!("{way}?yes%20a%20wish")).await.starts_with("30 /admin/runs?"));
    let shown = public().await;
    assert!(!shown.contains(farm) && !shown.contains("too alike"), "only that it is there: {shown}");
    assert!(shown.contains("a.example") && !shown.contains("diary") && !shown.contains("a wish"), "{shown}");

    // The other way round, from the list: who says nothing of the reason leaves it, who empties its field does not.
    let rules = ask("/admin/rules").await;
    let looked_at = ask(link(&rules, farm)).await;
    assert!(looked_at.contains("The rule is in force already"), "{looked_at}");
    assert!(looked_at.contains("* Reason: too alike\n* Shown: visitors only see a count"), "{looked_at}");
    let way = link(&looked_at, "(visitors see all of it)").to_owned();
    assert_eq!(ask(&format!("{way}?yes")).await.trim_end(), "30 /admin/rules");
    let looked_at = browser.get("/admin/consider/exclude?q=gemini://a.example/diary").await.body;
    assert!(
        looked_at.contains("value=\"host\" selected") && looked_at.contains("value=\"a wish\""),
        "{looked_at}"
    );
    let form = "target=gemini://a.example/diary&note=&visibility=full";
    assert_eq!(browser.post("/admin/do/exclude", form).await.header("location"), Some("/admin/rules"));
    let shown = public().await;
    assert!(shown.contains(farm) && shown.contains("too alike"), "{shown}");
    assert!(shown.contains(diary) && !shown.contains("a wish"), "{shown}");
    assert!(ask(&way.replace("/full", "/half")).await.starts_with("51 "), "there are three");
}
