//! The walls: who may import whom, and where a library may stand. Each row says why.

/// Rooms of ours that a room may import; the longest `room` that a module begins with counts. A room may
/// always import itself.
pub(crate) struct Arrow {
    pub(crate) room: &'static str,
    pub(crate) may: &'static [&'static str],
    pub(crate) why: &'static str,
}

const CRAWL_BASE: &str = "policy, fetch and parse stand side by side under everything else";
const INDEX_BASE: &str = "documents, writers and waits stand under everything else of the indexer";
const STORE: &str =
    "known, crawl, feed, asked and cluster stand on pool, id, codec, outcome and bell, never on each other";

macro_rules! store_room {
    ($room:literal) => {
        Arrow {
            room: $room,
            may: &[
                "shared::gemini",
                "shared::process::figures",
                "shared::store::pool",
                "shared::store::id",
                "shared::store::codec",
                "shared::store::outcome",
                "shared::store::bell",
            ],
            why: STORE,
        }
    };
}

pub(crate) const ARROWS: &[Arrow] = &[
    Arrow {
        room: "sextant",
        may: &["crawler", "indexer", "server", "shared", "space"],
        why: "only the program knows all houses",
    },
    Arrow { room: "space", may: &[], why: "the simulated space knows nothing of ours" },
    Arrow { room: "shared", may: &[], why: "the face of the crate names its four rooms" },
    Arrow { room: "shared::gemini", may: &[], why: "the protocol knows no store and no process" },
    Arrow { room: "shared::process", may: &[], why: "what a process owes knows no store" },
    Arrow {
        room: "shared::index",
        may: &["shared::gemini", "shared::store::id"],
        why: "the index schema knows of the store only the ids",
    },
    Arrow {
        room: "shared::store",
        may: &["shared::gemini", "shared::process::figures"],
        why: "the store knows the protocol and its figures",
    },
    store_room!("shared::store::known"),
    store_room!("shared::store::crawl"),
    store_room!("shared::store::feed"),
    store_room!("shared::store::asked"),
    store_room!("shared::store::cluster"),
    Arrow { room: "crawler::policy", may: &["shared"], why: CRAWL_BASE },
    Arrow { room: "crawler::fetch", may: &["shared"], why: CRAWL_BASE },
    Arrow { room: "crawler::parse", may: &["shared"], why: CRAWL_BASE },
    Arrow { room: "crawler::config", may: &["shared", "crawler::fetch", "crawler::policy"], why: CRAWL_BASE },
    Arrow {
        room: "crawler::record",
        may: &["shared", "crawler::policy", "crawler::fetch", "crawler::parse", "crawler::config"],
        why: "the recorder is under the frontier",
    },
    Arrow {
        room: "crawler::frontier",
        may: &[
            "shared",
            "crawler::record",
            "crawler::policy",
            "crawler::fetch",
            "crawler::parse",
            "crawler::config",
        ],
        why: "the frontier hands over to the recorder",
    },
    Arrow {
        room: "crawler::turn",
        may: &[
            "shared",
            "crawler::frontier",
            "crawler::record",
            "crawler::policy",
            "crawler::fetch",
            "crawler::parse",
            "crawler::config",
        ],
        why: "a turn stands on the frontier",
    },
    Arrow {
        room: "crawler::jobs",
        may: &[
            "shared",
            "crawler::frontier",
            "crawler::record",
            "crawler::policy",
            "crawler::fetch",
            "crawler::parse",
            "crawler::config",
        ],
        why: "a job makes pages due; turns visit them",
    },
    Arrow {
        room: "crawler::crawl",
        may: &[
            "shared",
            "crawler::turn",
            "crawler::frontier",
            "crawler::record",
            "crawler::policy",
            "crawler::fetch",
            "crawler::parse",
            "crawler::config",
        ],
        why: "the crawl runs turns",
    },
    Arrow { room: "crawler", may: &["shared", "crawler"], why: "the face of the crate composes its rooms" },
    Arrow { room: "indexer::document", may: &["shared"], why: INDEX_BASE },
    Arrow { room: "indexer::writer", may: &["shared"], why: INDEX_BASE },
    Arrow { room: "indexer::rhythm", may: &["shared"], why: INDEX_BASE },
    Arrow { room: "indexer::patience", may: &["shared"], why: INDEX_BASE },
    Arrow { room: "indexer::appetite", may: &["shared"], why: INDEX_BASE },
    Arrow { room: "indexer::off_thread", may: &["shared"], why: INDEX_BASE },
    Arrow { room: "indexer::config", may: &["shared", "indexer::rhythm"], why: INDEX_BASE },
    Arrow {
        room: "indexer::intake",
        may: &["shared", "indexer::appetite", "indexer::document", "indexer::writer"],
        why: "an intake is what follow and rebuild write",
    },
    Arrow {
        room: "indexer::context",
        may: &["shared", "indexer::config", "indexer::intake", "indexer::writer"],
        why: "the context stands under everything that runs",
    },
    Arrow {
        room: "indexer::verify",
        may: &["shared", "indexer::intake", "indexer::off_thread"],
        why: "verify stands under rebuild",
    },
    Arrow {
        room: "indexer::rank",
        may: &[
            "shared",
            "indexer::context",
            "indexer::rhythm",
            "indexer::appetite",
            "indexer::patience",
            "indexer::off_thread",
        ],
        why: "rank stands alone",
    },
    Arrow { room: "indexer::heal", may: &["shared", "indexer::writer"], why: "heal stands alone" },
    Arrow {
        room: "indexer::rebuild",
        may: &[
            "shared",
            "indexer::verify",
            "indexer::intake",
            "indexer::writer",
            "indexer::appetite",
            "indexer::context",
            "indexer::patience",
            "indexer::off_thread",
        ],
        why: "a rebuild is verified before it is switched to",
    },
    Arrow {
        room: "indexer::follow",
        may: &[
            "shared",
            "indexer::heal",
            "indexer::intake",
            "indexer::writer",
            "indexer::appetite",
            "indexer::context",
            "indexer::patience",
            "indexer::off_thread",
        ],
        why: "following knows nothing of rebuilding",
    },
    Arrow {
        room: "indexer::jobs",
        may: &[
            "shared",
            "indexer::rebuild",
            "indexer::verify",
            "indexer::heal",
            "indexer::intake",
            "indexer::context",
            "indexer::patience",
            "indexer::off_thread",
        ],
        why: "jobs ask for a rebuild",
    },
    Arrow { room: "indexer", may: &["shared", "indexer"], why: "the face of the crate composes its rooms" },
    Arrow { room: "server::search", may: &["shared"], why: "search knows nothing of the server around it" },
    Arrow { room: "server::render", may: &["shared"], why: "render knows nothing of the server around it" },
    Arrow { room: "server::people", may: &["shared"], why: "people, limits and config stand at the bottom" },
    Arrow {
        room: "server::limits",
        may: &["shared", "server::config"],
        why: "people, limits and config stand at the bottom",
    },
    Arrow { room: "server::config", may: &["shared"], why: "people, limits and config stand at the bottom" },
    Arrow {
        room: "server::acts",
        may: &["shared", "server::people", "server::config"],
        why: "an act takes a witness and writes; it shows nothing",
    },
    Arrow {
        room: "server::app",
        may: &["shared", "server::search", "server::config", "server::people"],
        why: "app, ask and paths stand under the screens",
    },
    Arrow {
        room: "server::ask",
        may: &["shared", "server::people", "server::search", "server::render", "server::config"],
        why: "app, ask and paths stand under the screens",
    },
    Arrow {
        room: "server::paths",
        may: &["shared", "server::search", "server::render", "server::ask"],
        why: "app, ask and paths stand under the screens",
    },
    Arrow {
        room: "server::screens",
        may: &[
            "shared",
            "server::acts",
            "server::app",
            "server::ask",
            "server::paths",
            "server::render",
            "server::search",
            "server::people",
            "server::config",
        ],
        why: "screens know no door",
    },
    Arrow {
        room: "server::route",
        may: &[
            "shared",
            "server::screens",
            "server::acts",
            "server::app",
            "server::ask",
            "server::paths",
            "server::render",
            "server::search",
            "server::people",
            "server::config",
        ],
        why: "the route knows no door",
    },
    Arrow {
        room: "server::gemini",
        may: &[
            "shared",
            "server::route",
            "server::app",
            "server::ask",
            "server::paths",
            "server::render",
            "server::limits",
            "server::people",
            "server::config",
            "server::screens",
        ],
        why: "doors lead to the route and know nothing of each other",
    },
    Arrow {
        room: "server::web",
        may: &[
            "shared",
            "server::route",
            "server::app",
            "server::ask",
            "server::paths",
            "server::render",
            "server::limits",
            "server::people",
            "server::config",
            "server::screens",
        ],
        why: "doors lead to the route and know nothing of each other",
    },
    Arrow { room: "server", may: &["shared", "server"], why: "the face of the crate binds the doors" },
];

/// Where paths that begin so may stand: files whose path begins with one of `where_`.
pub(crate) struct Place {
    pub(crate) what: &'static [&'static str],
    pub(crate) where_: &'static [&'static str],
    pub(crate) why: &'static str,
}

pub(crate) const PLACES: &[Place] = &[
    Place { what: &["sqlx"], where_: &["shared/src/store"], why: "all SQL stands in one room" },
    Place {
        what: &["tantivy"],
        where_: &[
            "shared/src/index",
            "indexer/src/writer",
            "indexer/src/verify",
            "indexer/src/heal",
            "server/src/search/engine",
        ],
        why: "the engine stands behind one seam",
    },
    Place {
        what: &["axum", "tower", "tower_http"],
        where_: &["server/src/web"],
        why: "HTTP is one door's business",
    },
    Place {
        what: &["rustls", "tokio_rustls"],
        where_: &["crawler/src/fetch", "server/src/gemini", "tests/space/"],
        why: "TLS is spoken where sockets are owned",
    },
    Place {
        what: &["hickory_resolver"],
        where_: &["crawler/src/fetch/resolve.rs"],
        why: "names are resolved in one place",
    },
    Place {
        what: &["std::process::Command", "tokio::process"],
        where_: &[
            "shared/src/store/cluster",
            "src/life/child.rs",
            "src/life/identity.rs",
            "src/life/notify.rs",
            "src/setup.rs",
            "src/admin/backup.rs",
        ],
        why: "processes are started in few places",
    },
    Place {
        what: &[
            "tokio::net::TcpStream::connect",
            "tokio::net::TcpSocket",
            "std::net::TcpStream",
            "socket2::Socket",
        ],
        where_: &["crawler/src/fetch/connect.rs", "tests/space/", "server/src/", "src/"],
        why: "a crawler socket is opened in one place, with its ledger entry",
    },
    Place {
        what: &["tokio::spawn", "tokio::task::spawn", "std::thread::spawn"],
        // The leak on purpose, behind a feature that only a test turns on.
        where_: &["crawler/src/fetch/canary.rs"],
        why: "every task and thread has an owner that awaits it",
    },
    Place {
        what: &["shared::store::feed::change::sealed", "shared::store::pool::PageTx"],
        where_: &["shared/src/store", "crawler/src/", "indexer/src/rank", "server/src/acts", "src/"],
        why: "in the server only acts write",
    },
];

/// Rooms of pure functions.
pub(crate) const PURE: &[&str] = &[
    "shared::gemini",
    "shared::index::analyzer",
    "crawler::parse",
    "crawler::policy",
    "indexer::rank::graph",
    "indexer::rank::authority",
    "server::search::query",
    "server::search::scan",
    "server::search::relax",
    "server::search::weights",
];

/// What a pure function does not touch.
pub(crate) const IMPURE: &[&str] = &[
    "std::time::Instant",
    "tokio",
    "std::time::SystemTime",
    "chrono::Utc::now",
    "Utc::now",
    "SystemTime::now",
    "Instant::now",
    "rand",
    "std::env",
    "std::fs",
    "std::net::TcpStream",
];

/// Enums whose matches name every variant, so that a new one is a compile error.
pub(crate) const CLOSED: &[&str] = &[
    "Outcome",
    "Stage",
    "Standing",
    "Shown",
    "Kind",
    "StatusClass",
    "ResponseHeader",
    "Sensitivity",
    "Permanence",
    "Ruling",
    "Use",
    "UrlPattern",
    "LinkTarget",
    "RobotsAnswer",
    "EntryState",
    "JobKind",
    "Claim",
    "Answer",
];
