//! The walls: who may import whom. Each row says why.

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
