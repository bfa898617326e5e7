//! Whom to tell of a hole in a capsule: its security.txt is asked for once, when the capsule has been known for a day,
//! by its rules and at its pace, and no link in it is followed.

#![allow(clippy::unwrap_used, reason = "what a test sets up must be there")]

#[path = "support/asked.rs"]
mod asked;
#[path = "support/crawling.rs"]
mod crawling;

use std::time::{Duration, SystemTime};

use crawler::config::Pace;
use crawling::World;
use shared::gemini::host::CapsuleAddr;
use shared::store::known::{directory, portrait};
use space::{Answer, Capsule, Space};

const FILE: &str = "/.well-known/security.txt";
const DAY: Duration = Duration::from_secs(24 * 3600);
const HOSTS: [&str; 4] = ["says.example", "silent.example", "forbids.example", "late.example"];

fn asked(log: &space::Log, host: &str, path: &str) -> usize {
    log.requests_for(host).filter(|request| request.url.ends_with(path)).count()
}

/// Visits everything once more, so long after now.
async fn later(world: &World, space: &Space, days: u32) {
    let front = |log: &space::Log| HOSTS.map(|host| asked(log, host, "example/"));
    let before = space.look(front);
    world.scratch.set_clock(SystemTime::now() + DAY * days).await.unwrap();
    world.recrawl().await;
    space.wait_for(|log| front(log).iter().zip(before).all(|(now, before)| before < *now)).await.unwrap();
    crawling::is_quiet(&world.store()).await;
}

async fn contact(world: &World, host: &str) -> Vec<String> {
    let addr: CapsuleAddr = host.parse().unwrap();
    let portrait = world.store().read(async |c| portrait::of(c, &addr).await).await.unwrap().unwrap();
    portrait.contact.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_capsule_is_asked_once_whom_to_tell_and_no_link_in_it_is_followed() {
    let garden = || Capsule::new().page("/", "# A garden\n");
    let says = "Contact: mailto:ann@says.example\n=> /hidden Hidden\nContact: gemini://says.example/ann\n";
    let space = Space::builder()
        .capsule(HOSTS[0], garden().file(FILE, "text/plain", says).page("/hidden", "# Hidden\n"))
        .capsule(HOSTS[1], garden())
        .capsule(
            HOSTS[2],
            garden().robots("User-agent: *\nDisallow: /.well-known/\n").file(FILE, "text/plain", says),
        )
        .capsule(
            HOSTS[3],
            garden().at_first(FILE, [Answer::status("41 not now")]).file(FILE, "text/plain", says),
        )
        .start()
        .await
        .unwrap();
    let world = World::new().await;
    let seeds = HOSTS.map(|host| format!("gemini://{host}/"));
    let crawling = world.crawl(&space, Pace::Unpaced, &seeds.each_ref().map(String::as_str));
    space.wait_for(|log| HOSTS.iter().all(|host| asked(log, host, "example/") == 1)).await.unwrap();
    crawling.is_quiet().await;
    let files = || space.look(|log| HOSTS.map(|host| asked(log, host, FILE)));
    assert_eq!(files(), [0; 4], "nobody has been known for a day");

    later(&world, &space, 2).await;
    assert_eq!(files(), [1, 1, 0, 1], "all whose rules allow it");
    assert_eq!(contact(&world, HOSTS[0]).await, ["mailto:ann@says.example", "gemini://says.example/ann"]);
    assert!(contact(&world, HOSTS[1]).await.is_empty() && contact(&world, HOSTS[3]).await.is_empty());
    later(&world, &space, 4).await;
    assert_eq!(files(), [1, 1, 0, 2], "whoever could not be asked is asked again");
    assert_eq!(contact(&world, HOSTS[3]).await, contact(&world, HOSTS[0]).await);

    space
        .edit(HOSTS[0], |capsule| capsule.file(FILE, "text/plain", "Contact: mailto:bob@says.example\n"))
        .unwrap();
    later(&world, &space, 33).await;
    assert_eq!(files(), [2, 1, 0, 2], "what is there may change");
    assert_eq!(contact(&world, HOSTS[0]).await, ["mailto:bob@says.example"]);
    crawling.stop().await;
    assert_eq!(space.look(|log| asked(log, HOSTS[0], "/hidden")), 0, "no link in it is followed");
    let listed = world.store().read(async |c| directory::security_contacts(c).await).await.unwrap();
    let listed: Vec<String> = listed.iter().map(ToString::to_string).collect();
    assert_eq!(listed, [format!("gemini://{}{FILE}", HOSTS[3]), format!("gemini://{}{FILE}", HOSTS[0])]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_page_links_to_it_no_link_in_it_is_followed_either() {
    let garden = Capsule::new()
        .page("/", format!("# A garden\n=> {FILE} Whom to tell\n"))
        .page(FILE, "Contact: mailto:ann@a.example\n=> /hidden Hidden\n")
        .page("/hidden", "# Hidden\n");
    let space = Space::builder().capsule("a.example", garden).start().await.unwrap();
    let world = World::new().await;
    let crawling = world.crawl(&space, Pace::Unpaced, &["gemini://a.example/"]);
    space.wait_for(|log| asked(log, "a.example", FILE) == 1).await.unwrap();
    crawling.is_quiet().await;
    crawling.stop().await;
    assert_eq!(space.look(|log| asked(log, "a.example", "/hidden")), 0);
}
