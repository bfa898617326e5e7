//! Where a redirect leads. It is an outcome of its page, never followed within the visit: the target is
//! queued under its own capsule, with its robots.txt, its pace and a hop more on the way.

use shared::gemini::url::{ForeignUrl, GeminiUrl, LinkTarget};

/// Redirects on the way to a page, at most.
pub const HOPS: u8 = 5;

/// What becomes of a redirect's target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hop {
    /// It is queued.
    Queue {
        /// The target.
        target: GeminiUrl,
        /// Redirects on the way to it.
        hops: u8,
    },
    /// It leaves Geminispace.
    Foreign(ForeignUrl),
    /// It is one redirect too many: a loop, or a chain that grows with each step.
    TooFar,
    /// It leads to the page itself.
    Itself,
    /// It is no reference.
    Unreadable,
}

/// Judges the target of a redirect of `from`, which itself stands `hops` redirects from a link.
#[must_use]
pub fn judge(from: &GeminiUrl, hops: u8, target: &str) -> Hop {
    match from.join(target) {
        Err(_) => Hop::Unreadable,
        Ok(LinkTarget::Foreign(foreign)) => Hop::Foreign(foreign),
        Ok(LinkTarget::Gemini(target)) if target == *from => Hop::Itself,
        Ok(LinkTarget::Gemini(_)) if hops >= HOPS => Hop::TooFar,
        Ok(LinkTarget::Gemini(target)) => Hop::Queue { target, hops: hops + 1 },
    }
}

/// The target of a redirect of robots.txt, which counts only within its own capsule.
#[must_use]
pub fn within_capsule(from: &GeminiUrl, target: &str) -> Option<GeminiUrl> {
    match from.join(target) {
        Ok(LinkTarget::Gemini(target)) if target.capsule() == from.capsule() && target != *from => {
            Some(target)
        }
        Ok(LinkTarget::Gemini(_) | LinkTarget::Foreign(_)) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn url(text: &str) -> GeminiUrl {
        GeminiUrl::parse(text).unwrap()
    }

    #[rstest]
    #[case::a_path(0, "/new", Some(("gemini://a.example/new", 1)))]
    #[case::a_relative_one(0, "new", Some(("gemini://a.example/old/new", 1)))]
    #[case::another_capsule(2, "gemini://b.example", Some(("gemini://b.example/", 3)))]
    #[case::another_port(4, "//a.example:1966/", Some(("gemini://a.example:1966/", 5)))]
    #[case::the_sixth_is_too_far(5, "/new", None)]
    #[case::to_itself(0, "/old/page", None)]
    #[case::to_itself_spelt_otherwise(0, "gemini://A.example:1965/old/./page#x", None)]
    #[case::out_of_geminispace(0, "https://a.example/", None)]
    fn where_redirects_lead(#[case] hops: u8, #[case] target: &str, #[case] expected: Option<(&str, u8)>) {
        let queued = match judge(&url("gemini://a.example/old/page"), hops, target) {
            Hop::Queue { target, hops } => Some((target, hops)),
            Hop::Foreign(_) | Hop::TooFar | Hop::Itself | Hop::Unreadable => None,
        };
        assert_eq!(queued, expected.map(|(target, hops)| (url(target), hops)));
    }

    #[rstest]
    #[case::inside("/files/robots.txt", true)]
    #[case::same_name("gemini://a.example/r", true)]
    #[case::elsewhere("gemini://b.example/robots.txt", false)]
    #[case::other_port("gemini://a.example:1999/robots.txt", false)]
    #[case::web("https://a.example/robots.txt", false)]
    #[case::itself("/robots.txt", false)]
    fn robots_stay_within_their_capsule(#[case] target: &str, #[case] counts: bool) {
        assert_eq!(within_capsule(&url("gemini://a.example/robots.txt"), target).is_some(), counts);
    }
}
