//! The paths of the admin's desk: the same over Gemini and on the web's own listener, and on no public door.

use shared::store::asked::exclusion::Visibility;

use super::link::{Link, segment};
use crate::search::PageNumber;

/// How it gets on, and what needs the admin.
pub const DESK: &str = "/admin";
/// Capsules in trouble, and what is paused.
pub const CAPSULES: &str = "/admin/capsules";
/// Open sockets.
pub const CONNECTIONS: &str = "/admin/connections";
/// Jobs.
pub const RUNS: &str = "/admin/runs";
/// The indexes.
pub const INDEX: &str = "/admin/index";
/// What is shut out.
pub const RULES: &str = "/admin/rules";
/// Complaints.
pub const REPORTS: &str = "/admin/reports";
/// What was handed in.
pub const SUBMISSIONS: &str = "/admin/submissions";
/// Who did what.
pub const AUDIT: &str = "/admin/audit";
/// Where a deed is asked for and looked at before it is done; the deed's word follows.
pub const CONSIDER: &str = "/admin/consider";
/// Where it is done; the deed's word follows.
pub const DO: &str = "/admin/do";
/// Where the token is typed; on the web alone.
pub const LOGIN: &str = "/admin/login";
/// Where the desk is left; on the web alone.
pub const LOGOUT: &str = "/admin/logout";
/// What changes on a screen, as it changes; on the web alone.
pub const PULSE: &str = "/admin/pulse";
/// The desk's own style.
pub const STYLE: &str = "/desk.css";
/// The few lines that put what changes into the screen.
pub const SCRIPT: &str = "/desk.js";

/// Bytes of a target in a path at most: with the longest host and a hand before it, the request stays below 1,024.
const TARGET: usize = 560;

/// Whether a path is the desk's.
#[must_use]
pub fn is_desk(path: &str) -> bool {
    path.strip_prefix(DESK).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The path of a part of a list: the first one has no number.
#[must_use]
pub fn part(base: &str, number: PageNumber) -> String {
    if number == PageNumber::FIRST { base.to_owned() } else { format!("{base}/{}", number.get()) }
}

/// The link to the screen where a deed is looked at before it is done; without a target it asks for one. None: the
/// target is too long for a link.
#[must_use]
pub fn consider(deed: &str, target: &str) -> Option<Link> {
    let path = format!("{CONSIDER}/{deed}");
    if target.is_empty() { Some(Link::to(&path)) } else { Link::with_words(&path, target) }
}

/// The path at which a deed is done over Gemini, by the hand that the screens of one certificate carry. None: the
/// target is too long for a link.
#[must_use]
pub fn done_by(hand: &str, deed: &str, target: &str) -> Option<String> {
    let whole = segment(target, usize::MAX);
    (whole.len() <= TARGET).then(|| format!("{DO}/{hand}/{deed}/{whole}"))
}

/// The same for a deed of which visitors may see so much.
#[must_use]
pub fn done_by_showing(hand: &str, deed: &str, target: &str, visibility: Visibility) -> Option<String> {
    done_by(hand, deed, target).map(|path| format!("{path}/{}", visibility.code()))
}
