//! Hostile and broken servers, numbered as in the catalogue of what a crawler must survive.
//!
//! A behaviour belongs to the stage at which it takes the connection over: before TLS (`connect`), in the
//! handshake (`handshake`), or in what it answers (`header`, `body`, `redirect`, `trap`). Each list is closed.

use crate::request::Asked;
use crate::wire::Wire;

pub(crate) mod body;
pub(crate) mod connect;
pub(crate) mod handshake;
pub(crate) mod header;
pub(crate) mod redirect;
pub(crate) mod trap;

pub use body::Body;
pub use connect::Connect;
pub use handshake::Handshake;
pub use header::Header;
pub use redirect::Redirect;
pub use trap::Trap;

/// What a hostile host does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Behaviour {
    /// Before TLS.
    Connect(Connect),
    /// In the handshake.
    Handshake(Handshake),
    /// After the request.
    Answer(Misanswer),
}

/// What a bad server answers; a single path of a good capsule can do it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Misanswer {
    /// In the header line, or instead of it.
    Header(Header),
    /// In the body and at its end.
    Body(Body),
    /// By redirects.
    Redirect(Redirect),
    /// By what the whole site is.
    Trap(Trap),
}

impl Behaviour {
    /// Every behaviour, by stage and number.
    pub fn all() -> Vec<Self> {
        let connect = Connect::ALL.iter().copied().map(Self::from);
        let handshake = Handshake::ALL.iter().copied().map(Self::from);
        let header = Header::ALL.iter().copied().map(Self::from);
        let body = Body::ALL.iter().copied().map(Self::from);
        let redirect = Redirect::ALL.iter().copied().map(Self::from);
        let trap = Trap::ALL.iter().copied().map(Self::from);
        connect.chain(handshake).chain(header).chain(body).chain(redirect).chain(trap).collect()
    }

    /// The number in the catalogue.
    pub fn catalogue(self) -> u16 {
        match self {
            Self::Connect(connect) => connect.catalogue(),
            Self::Handshake(handshake) => handshake.catalogue(),
            Self::Answer(Misanswer::Header(header)) => header.catalogue(),
            Self::Answer(Misanswer::Body(body)) => body.catalogue(),
            Self::Answer(Misanswer::Redirect(redirect)) => redirect.catalogue(),
            Self::Answer(Misanswer::Trap(trap)) => trap.catalogue(),
        }
    }

    /// The stage and the name, in the form `body-drip`; no two are the same.
    pub fn name(self) -> String {
        match self {
            Self::Connect(connect) => connect.name(),
            Self::Handshake(handshake) => handshake.name(),
            Self::Answer(Misanswer::Header(header)) => header.name(),
            Self::Answer(Misanswer::Body(body)) => body.name(),
            Self::Answer(Misanswer::Redirect(redirect)) => redirect.name(),
            Self::Answer(Misanswer::Trap(trap)) => trap.name(),
        }
    }

    /// What it does, in a sentence.
    pub fn says(self) -> &'static str {
        match self {
            Self::Connect(connect) => connect.says(),
            Self::Handshake(handshake) => handshake.says(),
            Self::Answer(Misanswer::Header(header)) => header.says(),
            Self::Answer(Misanswer::Body(body)) => body.says(),
            Self::Answer(Misanswer::Redirect(redirect)) => redirect.says(),
            Self::Answer(Misanswer::Trap(trap)) => trap.says(),
        }
    }
}

impl From<Connect> for Behaviour {
    fn from(connect: Connect) -> Self {
        Self::Connect(connect)
    }
}

impl From<Handshake> for Behaviour {
    fn from(handshake: Handshake) -> Self {
        Self::Handshake(handshake)
    }
}

impl From<Misanswer> for Behaviour {
    fn from(misanswer: Misanswer) -> Self {
        Self::Answer(misanswer)
    }
}

/// Lets `Body::Drip` stand where a behaviour or a misanswer is wanted.
macro_rules! answers {
    ($($stage:ident)*) => {$(
        impl From<$stage> for Misanswer {
            fn from(stage: $stage) -> Self {
                Self::$stage(stage)
            }
        }

        impl From<$stage> for Behaviour {
            fn from(stage: $stage) -> Self {
                Self::Answer(Misanswer::$stage(stage))
            }
        }
    )*};
}
answers!(Header Body Redirect Trap);

/// Answers a request badly. `before` is how many requests the host has had before this one.
pub(crate) async fn answer(misanswer: Misanswer, wire: Wire, asked: &Asked, before: u64) {
    match misanswer {
        Misanswer::Header(header) => header::run(header, wire).await,
        Misanswer::Body(body) => body::run(body, wire).await,
        Misanswer::Redirect(redirect) => redirect::run(redirect, wire, asked, before).await,
        Misanswer::Trap(trap) => trap::run(trap, wire, asked, before).await,
    }
}
