//! What asking for a robots.txt means.
//!
//! Gemini's status classes stand the other way round than HTTP's: 4x says "later", 5x says "never". So 5x,
//! 6x and 1x mean that there are no rules, while 4x, silence and everything that is no answer mean that the
//! rules are not known: then the last good copy rules for thirty days, and without one nothing is crawled.
//! After thirty days without an answer the capsule is crawled without rules, if its front page answers.

use std::time::Duration;

use shared::gemini::response::ResponseHeader;
use shared::gemini::robots::{Robots, Ruling, Use};
use shared::store::known::robots::{KeptRobots, LastGood, RobotsAnswer};
use shared::store::outcome::Outcome;

use super::standing::Sign;

/// A good answer is used for a day.
pub const GOOD_FOR: Duration = Duration::from_secs(24 * 3600);
/// An unreachable file is asked for again after a quarter of an hour.
pub const ASK_AGAIN: Duration = Duration::from_secs(15 * 60);
/// So long the last good copy of an unreachable file rules.
pub const COPY_RULES_FOR: Duration = Duration::from_secs(30 * 24 * 3600);

/// So long an answer of the front page holds, where the rules cannot be read for thirty days: a little longer than it is
/// between two visits of it.
pub const FRONT_HOLDS_FOR: Duration = Duration::from_secs(8 * 24 * 3600);

/// What a header line in answer to a request for robots.txt means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The body holds the rules, if it came whole.
    Rules,
    /// There are none.
    NoRules,
    /// It is not known.
    Unreachable,
    /// It lies elsewhere; only a target in the same capsule counts.
    Moved(String),
}

/// Reads a header line as an answer to "what are the rules here?".
#[must_use]
pub fn meaning(header: &ResponseHeader) -> Meaning {
    match header {
        ResponseHeader::Success(media_type) if media_type.is_text() => Meaning::Rules,
        ResponseHeader::Success(_)
        | ResponseHeader::Input { .. }
        | ResponseHeader::PermanentFailure { .. }
        | ResponseHeader::Certificate { .. } => Meaning::NoRules,
        ResponseHeader::Redirect { target, .. } => Meaning::Moved(target.clone()),
        ResponseHeader::TemporaryFailure { .. } | ResponseHeader::SlowDown { .. } => Meaning::Unreachable,
    }
}

/// How asking ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// These are the rules.
    Rules(String),
    /// There are none.
    NoRules,
    /// It is not known.
    Unreachable,
}

impl Asked {
    /// When to ask again.
    #[must_use]
    pub const fn ask_again_in(&self) -> Duration {
        match self {
            Self::Rules(_) | Self::NoRules => GOOD_FOR,
            Self::Unreachable => ASK_AGAIN,
        }
    }

    /// What is kept from now on, given what was kept before.
    #[must_use]
    pub fn keep(&self, before: Option<KeptRobots>) -> KeptRobots {
        let copy = |text: &str| Some(LastGood { text: text.to_owned(), age: Duration::ZERO });
        let (answer, unreachable_for, last_good) = match self {
            Self::Rules(text) => (RobotsAnswer::Rules, None, copy(text)),
            Self::NoRules => (RobotsAnswer::NoRules, None, copy("")),
            Self::Unreachable => {
                let since = before.as_ref().and_then(|kept| kept.unreachable_for).unwrap_or_default();
                (RobotsAnswer::Unreachable, Some(since), before.and_then(|kept| kept.last_good))
            }
        };
        KeptRobots { fresh_for: self.ask_again_in(), answer, unreachable_for, last_good }
    }
}

/// What holds for a capsule, or for a user's folder of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Law {
    /// These rules.
    Rules(Box<Robots>),
    /// No rules.
    Free,
    /// No rules if the front page answers; until then nothing but the front page.
    FreeIfAnswered,
    /// Nothing may be fetched for now.
    Closed,
}

impl Law {
    /// What holds by what is kept.
    #[must_use]
    pub fn of(kept: &KeptRobots) -> Self {
        let by_copy = || kept.last_good.as_ref().map(|copy| Self::Rules(Box::new(Robots::parse(&copy.text))));
        match kept.answer {
            RobotsAnswer::Rules => by_copy().unwrap_or(Self::Free),
            RobotsAnswer::NoRules => Self::Free,
            RobotsAnswer::Unreachable => {
                if kept.unreachable_for.is_some_and(|span| span >= COPY_RULES_FOR) {
                    Self::FreeIfAnswered
                } else {
                    by_copy().unwrap_or(Self::Closed)
                }
            }
        }
    }

    /// What holds where the front page's last visit ended so, and so long ago.
    #[must_use]
    pub fn knowing_front(self, front: Option<(Outcome, Duration)>) -> Self {
        let answered = front.is_some_and(|(outcome, ago)| {
            Sign::of(outcome, None) == Sign::Answered && ago <= FRONT_HOLDS_FOR
        });
        if self == Self::FreeIfAnswered && answered { Self::Free } else { self }
    }

    /// The delay between requests that the rules ask for.
    #[must_use]
    pub fn crawl_delay(&self) -> Option<Duration> {
        match self {
            Self::Rules(rules) => rules.crawl_delay(Use::Index),
            Self::Free | Self::FreeIfAnswered | Self::Closed => None,
        }
    }

    /// Whether the page at this path may be fetched for the index.
    #[must_use]
    pub fn judge(&self, path_and_query: &str) -> Judgement {
        match self {
            Self::Rules(rules) => match rules.allows(Use::Index, path_and_query) {
                Ruling::Allowed => Judgement::Allowed,
                Ruling::Refused { .. } => Judgement::Forbidden,
            },
            Self::Free => Judgement::Allowed,
            Self::FreeIfAnswered if path_and_query == "/" => Judgement::Allowed,
            Self::FreeIfAnswered | Self::Closed => Judgement::NotNow,
        }
    }

    /// Judges by the rules of a user's own robots.txt. People write them from the capsule's root and from
    /// their own folder; what is forbidden in either reading is forbidden.
    #[must_use]
    pub fn judge_in_folder(&self, folder: &str, path_and_query: &str) -> Judgement {
        let own = path_and_query.strip_prefix(folder).map(|rest| format!("/{rest}"));
        let by_own = own.map_or(Judgement::Allowed, |own| self.judge(&own));
        by_own.stricter(self.judge(path_and_query))
    }
}

/// Whether a page may be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// It may.
    Allowed,
    /// It may not until the rules are known.
    NotNow,
    /// The rules forbid it.
    Forbidden,
}

impl Judgement {
    /// The stricter of two.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        self.max(other)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use shared::store::outcome::Stage;

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[rstest]
    #[case::text("20 text/plain", Meaning::Rules)]
    #[case::gemtext("20 text/gemini; lang=en", Meaning::Rules)]
    #[case::no_type_is_gemtext("20 ", Meaning::Rules)]
    #[case::no_text("20 application/octet-stream", Meaning::NoRules)]
    #[case::input("10 Who are you?", Meaning::NoRules)]
    #[case::secret("11 Password", Meaning::NoRules)]
    #[case::moved("30 /robots", Meaning::Moved("/robots".to_owned()))]
    #[case::moved_for_good("31 /robots", Meaning::Moved("/robots".to_owned()))]
    #[case::temporary("40 later", Meaning::Unreachable)]
    #[case::unavailable("41 later", Meaning::Unreachable)]
    #[case::cgi("42 later", Meaning::Unreachable)]
    #[case::proxy("43 later", Meaning::Unreachable)]
    #[case::slow_down("44 10", Meaning::Unreachable)]
    #[case::undefined_temporary("49 later", Meaning::Unreachable)]
    #[case::permanent("50 no", Meaning::NoRules)]
    #[case::not_found("51 no", Meaning::NoRules)]
    #[case::gone("52 no", Meaning::NoRules)]
    #[case::foreign("53 no", Meaning::NoRules)]
    #[case::undefined_permanent("58 no", Meaning::NoRules)]
    #[case::bad_request("59 no", Meaning::NoRules)]
    #[case::certificate("60 no", Meaning::NoRules)]
    #[case::not_authorised("61 no", Meaning::NoRules)]
    #[case::not_valid("62 no", Meaning::NoRules)]
    fn what_each_status_means(#[case] line: &str, #[case] expected: Meaning) {
        assert_eq!(meaning(&ResponseHeader::parse(line.as_bytes()).unwrap()), expected);
    }

    fn kept(answer: RobotsAnswer, unreachable: Option<Duration>, copy: Option<&str>) -> KeptRobots {
        KeptRobots {
            fresh_for: ASK_AGAIN,
            answer,
            unreachable_for: unreachable,
            last_good: copy.map(|text| LastGood { text: text.to_owned(), age: DAY }),
        }
    }

    const RULES: &str = "User-agent: *\nDisallow: /private/\nCrawl-delay: 7\n";

    #[rstest]
    #[case::rules(kept(RobotsAnswer::Rules, None, Some(RULES)), Judgement::Allowed, Judgement::Forbidden)]
    #[case::none(kept(RobotsAnswer::NoRules, None, None), Judgement::Allowed, Judgement::Allowed)]
    #[case::a_copy_rules(kept(RobotsAnswer::Unreachable, Some(DAY * 29), Some(RULES)), Judgement::Allowed, Judgement::Forbidden)]
    #[case::a_copy_without_rules(
        kept(RobotsAnswer::Unreachable, Some(DAY), Some("")),
        Judgement::Allowed,
        Judgement::Allowed
    )]
    #[case::no_copy(kept(RobotsAnswer::Unreachable, Some(DAY), None), Judgement::NotNow, Judgement::NotNow)]
    #[case::thirty_days(kept(RobotsAnswer::Unreachable, Some(DAY * 30), Some(RULES)), Judgement::Allowed, Judgement::NotNow)]
    fn what_holds(#[case] kept: KeptRobots, #[case] front: Judgement, #[case] private: Judgement) {
        let law = Law::of(&kept);
        assert_eq!((law.judge("/"), law.judge("/private/x")), (front, private));
    }

    #[rstest]
    #[case::it_answered(Some((Outcome::Fetched, DAY * 7)), Judgement::Allowed)]
    #[case::so_much_as_that_it_fails(Some((Outcome::TemporaryFailure, DAY)), Judgement::Allowed)]
    #[case::too_long_ago(Some((Outcome::Fetched, DAY * 9)), Judgement::NotNow)]
    #[case::it_is_silent(Some((Outcome::Unreachable(Stage::Connect), DAY)), Judgement::NotNow)]
    #[case::it_was_never_asked(None, Judgement::NotNow)]
    fn after_thirty_days_the_front_page_decides(
        #[case] front: Option<(Outcome, Duration)>,
        #[case] private: Judgement,
    ) {
        let law = Law::of(&kept(RobotsAnswer::Unreachable, Some(DAY * 30), Some(RULES)));
        assert_eq!(law.knowing_front(front).judge("/private/x"), private);
        let by_copy = Law::of(&kept(RobotsAnswer::Unreachable, Some(DAY * 29), Some(RULES)));
        assert_eq!(by_copy.knowing_front(front).judge("/private/x"), Judgement::Forbidden);
    }

    #[test]
    fn the_crawl_delay_of_a_copy_counts_too() {
        let law = Law::of(&kept(RobotsAnswer::Unreachable, Some(DAY), Some(RULES)));
        assert_eq!(law.crawl_delay(), Some(Duration::from_secs(7)));
    }

    #[rstest]
    #[case::from_the_root("Disallow: /~ann/drafts/")]
    #[case::from_their_own_folder("Disallow: /drafts/")]
    fn users_write_paths_in_two_ways(#[case] rule: &str) {
        let rules = format!("User-agent: *\n{rule}\n");
        let law = Law::of(&kept(RobotsAnswer::Rules, None, Some(&rules)));
        assert_eq!(law.judge_in_folder("/~ann/", "/~ann/drafts/one.gmi"), Judgement::Forbidden);
        assert_eq!(law.judge_in_folder("/~ann/", "/~ann/log/one.gmi"), Judgement::Allowed);
    }

    #[test]
    fn asking_in_vain_keeps_the_copy_and_the_count() {
        let before = kept(RobotsAnswer::Unreachable, Some(DAY * 3), Some(RULES));
        let after = Asked::Unreachable.keep(Some(before.clone()));
        assert_eq!((after.last_good, after.unreachable_for), (before.last_good, Some(DAY * 3)));
        assert_eq!(after.fresh_for, ASK_AGAIN);
        assert_eq!(Law::of(&Asked::Unreachable.keep(None)), Law::Closed);
        assert_eq!(Law::of(&Asked::NoRules.keep(None)), Law::Free);
    }
}
