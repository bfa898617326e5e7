//! Whole sites that are traps: mazes, moods, robots.txt as a weapon.

mod maze;

use std::time::Duration;

use crate::answer::Answer;
use crate::catalogue::behaviours;
use crate::log::Ended;
use crate::request::Asked;
use crate::wire::Wire;
use maze::hash;

behaviours! {
    /// What a whole site is.
    Trap {
        /// robots.txt redirects to itself.
        RobotsLoop = 44,
        /// robots.txt redirects to another host.
        RobotsElsewhere = 44,
        /// robots.txt of 50 MiB.
        RobotsHuge = 44,
        /// robots.txt drips a byte every 9 seconds.
        RobotsDrip = 44,
        /// robots.txt is random bytes.
        RobotsBinary = 44,
        /// robots.txt is complete, but its connection never closes.
        RobotsNeverCloses = 44,
        /// Each page links to ten new ones.
        Maze = 60,
        /// A calendar without a last month.
        Calendar = 60,
        /// Each link carries a new session id.
        SessionIds = 60,
        /// Each page links below itself, by the same segment again.
        RepeatedSegments = 60,
        /// Each page links below itself, by ever new segments.
        InfiniteDepth = 60,
        /// Each link is a redirect to a room of such links.
        RedirectMaze = 60,
        /// A page of 100,000 links.
        ManyLinks = 60,
        /// The same long page under every path, but for a number, with links to more of it.
        SelfSimilar = 60,
        /// Random letters under every path, with links to more of them.
        Tarpit = 60,
        /// Each page links to a hundred more names of its own domain.
        WildcardNames = 60,
        /// The same few pages under ever new spellings of their paths.
        Spellings = 60,
        /// After five requests, each connection is reset.
        Bans = 63,
        /// After five requests, `41` for ever.
        Unavailable = 63,
        /// Everything is `20`, missing pages too, and the path stands in the page.
        Everything = 64,
        /// robots.txt is an error page with status 20.
        RobotsErrorPage = 65,
        /// Date, counter and size are others at every fetch.
        Restless = 66,
        /// After five requests, connections are accepted and nothing more is said.
        Disappears = 67,
    }
}

pub(crate) async fn run(behaviour: Trap, wire: Wire, asked: &Asked, before: u64) {
    let robots = asked.path == "/robots.txt";
    match behaviour {
        Trap::RobotsLoop if robots => status(wire, "30 /robots.txt").await,
        Trap::RobotsElsewhere if robots => status(wire, "31 gemini://elsewhere.example/robots.txt").await,
        Trap::RobotsHuge if robots => {
            let rule = b"User-agent: *\nDisallow: /private/\n# a comment that fills the file\n";
            huge(wire, &rule.repeat(1_000)).await;
        }
        Trap::RobotsDrip if robots => drip(wire).await,
        Trap::RobotsBinary if robots => {
            let noise: Vec<u8> =
                (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
            wire.answer(&Answer::file("text/plain", noise)).await;
        }
        Trap::RobotsNeverCloses if robots => never_closes(wire).await,
        Trap::RobotsErrorPage if robots => {
            wire.answer(&Answer::gemtext("# 404\n\nThere is no such file here, sorry.\n")).await;
        }
        Trap::Bans if before >= 5 => wire.reset(),
        Trap::Disappears if before >= 5 => wire.hold().await,
        Trap::Unavailable if before >= 5 => status(wire, "41 too many visitors").await,
        Trap::Everything => {
            let page = format!("# Welcome\n\nYou asked for {}.\n\n=> {}/more More\n", asked.path, asked.path);
            wire.answer(&Answer::gemtext(page)).await;
        }
        Trap::RobotsLoop
        | Trap::RobotsElsewhere
        | Trap::RobotsHuge
        | Trap::RobotsDrip
        | Trap::RobotsBinary
        | Trap::RobotsNeverCloses
        | Trap::RobotsErrorPage
        | Trap::RepeatedSegments
        | Trap::InfiniteDepth
        | Trap::RedirectMaze
        | Trap::ManyLinks
        | Trap::SelfSimilar
        | Trap::Tarpit
        | Trap::WildcardNames
        | Trap::Maze
        | Trap::Calendar
        | Trap::SessionIds
        | Trap::Spellings
        | Trap::Bans
        | Trap::Unavailable
        | Trap::Restless
        | Trap::Disappears => {
            let answer = if robots { Answer::not_found() } else { page(behaviour, asked, before) };
            wire.answer(&answer).await;
        }
    }
}

/// The pages of the site.
fn page(trap: Trap, asked: &Asked, before: u64) -> Answer {
    let path = asked.path.trim_end_matches('/');
    let text = match trap {
        Trap::RepeatedSegments => return maze::repeated(path),
        Trap::InfiniteDepth => return maze::deeper(path),
        Trap::RedirectMaze => return maze::redirects(asked),
        Trap::ManyLinks => return maze::many_links(path),
        Trap::SelfSimilar => return maze::self_similar(path),
        Trap::Tarpit => return maze::tarpit(path),
        Trap::WildcardNames => return maze::names(asked),
        Trap::Maze => {
            let doors: String = (0..10).map(|n| format!("=> {path}/{n} Door {n}\n")).collect();
            format!(
                "# A room {}\n\nYou are in a maze of twisty little passages.\n\n{doors}",
                hash(path) % 10_000
            )
        }
        Trap::Calendar => {
            let month: u64 = path.rsplit('/').next().and_then(|month| month.parse().ok()).unwrap_or(24_300);
            let name = format!("{}-{:02}", month / 12, month % 12 + 1);
            format!(
                "# {name}\n\nNo appointments.\n\n=> /calendar/{} Earlier\n=> /calendar/{} Later\n",
                month.saturating_sub(1),
                month + 1
            )
        }
        Trap::SessionIds => {
            let id = hash(&format!("{path}{before}"));
            format!("# The shop\n\n=> {path}/?session={id:x} Shelf\n=> /s{id:x}/till Till\n")
        }
        Trap::Spellings => format!(
            "# A page of many names\n\n=> {path}/a/../b Up and down\n=> {path}//b Twice\n=> {path}/%62 Encoded\n\
             => {path}/./b Here\n=> {path}/b/ Folder\n"
        ),
        Trap::Restless => {
            let filler = "tick ".repeat(usize::try_from(before % 50).unwrap_or(0));
            format!("# Clock\n\nVisitor number {before}. {filler}\n")
        }
        Trap::RobotsLoop
        | Trap::RobotsElsewhere
        | Trap::RobotsHuge
        | Trap::RobotsDrip
        | Trap::RobotsBinary
        | Trap::RobotsNeverCloses
        | Trap::RobotsErrorPage
        | Trap::Bans
        | Trap::Unavailable
        | Trap::Everything
        | Trap::Disappears => {
            let links: String = (0..10).map(|n| format!("=> /page/{n} Page {n}\n")).collect();
            format!("# {} at {}\n\nAn ordinary page.\n\n{links}", asked.host, asked.path)
        }
    };
    Answer::gemtext(text)
}

async fn status(wire: Wire, header: &str) {
    wire.answer(&Answer::status(header)).await;
}

async fn huge(mut wire: Wire, block: &[u8]) {
    wire.entry.answered(Some(20));
    let mut sent = wire.send(b"20 text/plain\r\n").await;
    for _ in 0..(50 << 20) / block.len() {
        if sent.is_err() {
            break;
        }
        sent = wire.send(block).await;
    }
    wire.finish(sent).await;
}

async fn drip(mut wire: Wire) {
    wire.entry.answered(Some(20));
    let mut sent = wire.send(b"20 text/plain\r\n").await;
    for byte in b"User-agent: *\nDisallow: /private/\n".iter().cycle().take(70) {
        if sent.is_err() || wire.pause(Duration::from_secs(9)).await.is_err() {
            return wire.entry.ended(Ended::ByClient);
        }
        sent = wire.send(&[*byte]).await;
    }
    wire.entry.ended(Ended::GivenUp);
}

async fn never_closes(mut wire: Wire) {
    wire.entry.answered(Some(20));
    match wire.send(b"20 text/plain\r\nUser-agent: *\nDisallow: /private/\n").await {
        Ok(()) => wire.hold().await,
        Err(_) => wire.entry.ended(Ended::ByClient),
    }
}
