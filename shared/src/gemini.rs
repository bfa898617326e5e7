//! The Gemini protocol as types: no sockets, no SQL, no clock.
//!
//! A request names a [`url`] on a [`host`]; the answer is a [`response`] with a [`status`] and, where it is a
//! success, a [`media_type`]; text is [`gemtext`] more often than not. [`robots`] says what may be used,
//! [`reach`] where a capsule may be at all, [`pattern`] names many pages at once, [`site`] whose they are. Whoever
//! shows a certificate proves to hold its key by [`key_proof`]. What comes from the wild is made safe once, in
//! [`text`].

pub mod dimensions;
pub mod fingerprint;
pub mod gemtext;
pub mod host;
pub mod key_proof;
pub mod kind;
pub mod media_type;
pub mod pattern;
pub mod reach;
pub mod request;
pub mod response;
pub mod robots;
pub mod site;
pub mod status;
pub mod text;
pub mod url;
