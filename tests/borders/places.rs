//! Where a library may stand, what stays pure, and which enums are closed. Each row says why.

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
        what: &["metrics", "metrics_exporter_prometheus"],
        where_: &["shared/src/process/figures"],
        why: "figures are a closed list",
    },
    Place {
        what: &["axum", "tower", "tower_http"],
        where_: &["server/src/web"],
        why: "HTTP is one door's business",
    },
    Place {
        what: &["rustls", "tokio_rustls"],
        where_: &["crawler/src/fetch", "server/src/gemini", "shared/src/gemini/key_proof.rs", "tests/space/"],
        why: "TLS is spoken where sockets are owned; how both its sides are proved is said once",
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
        what: &["server::people::Admin::at_the_console"],
        where_: &["src/admin"],
        why: "who runs the program is admin there, and nowhere else",
    },
    Place {
        what: &["server::people::Admin::pinned"],
        where_: &["server/src/gemini/identity.rs"],
        why: "a certificate makes an admin where its key was proved",
    },
    Place {
        what: &["server::people::Admin::by_token"],
        where_: &["server/src/web/admin.rs"],
        why: "a token makes an admin where a session was begun with it",
    },
    Place {
        what: &["shared::store::feed::change::sealed", "shared::store::page_tx::PageTx"],
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
