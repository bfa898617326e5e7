//! What smells of a trap, and what each smell costs.
//!
//! No rule can tell a maze from a large library for certain, so nothing is shut out by a smell: a URL that smells costs
//! more of its site's day of new URLs, and a trap ends itself by its own price while the rest of the site, and all
//! other sites, go on. What finds no budget waits for another day.

use shared::gemini::url::GeminiUrl;

/// What a new URL costs its site's budget of the day.
pub type Cost = u32;

/// Segments from which a path is deep, and from which it is an abyss.
const DEEP: usize = 8;
const ABYSS: usize = 20;
/// The same segment so many times in one path repeats itself.
const REPEATED: usize = 3;
/// Parameters, or bytes, from which a query is an explosion.
const PARAMETERS: usize = 4;
const QUERY_BYTES: usize = 100;
/// A run of so many hexadecimal digits is a hash or an id.
const HEX_RUN: usize = 32;

/// Words by which calendars without end are built; a hint, so it only costs.
const CALENDAR: [&str; 5] = ["calendar", "year=", "month=", "day=", "date="];
/// Names under which a visit's own id travels.
const SESSION: [&str; 5] = ["sid=", "sessid=", "session=", "sessionid=", "phpsessid="];

/// The page on which a URL was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// One with something of its own to say, or a redirect.
    Distinct,
    /// One that is all but like others of its site.
    Alike,
}

/// One smell of a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Smell {
    /// A query: the same page may answer any number of them.
    Query,
    /// A query of many parameters, or a long one.
    Explosion,
    /// The id of a visit.
    Session,
    /// A calendar.
    Calendar,
    /// A path of many segments.
    Deep,
    /// A path of far too many segments.
    Abyss,
    /// The same segment again and again.
    Repetition,
    /// A hash or another number made by a machine.
    Machine,
    /// Found on a page that is like the others.
    Alike,
}

impl Smell {
    /// What it costs beyond the one that every new URL costs.
    #[must_use]
    pub const fn surcharge(self) -> Cost {
        match self {
            Self::Calendar | Self::Deep => 1,
            Self::Query | Self::Machine => 2,
            Self::Explosion | Self::Alike => 5,
            Self::Session | Self::Abyss | Self::Repetition => 10,
        }
    }
}

/// Every smell of a URL.
#[must_use]
pub fn smells(url: &GeminiUrl, origin: Origin) -> Vec<Smell> {
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let occurs = |wanted: &str| segments.iter().filter(|segment| **segment == wanted).count();
    let query = url.query().unwrap_or_default();
    let text = url.path_and_query().to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let depth = segments.len();
    let found = [
        (url.query().is_some(), Smell::Query),
        (query.matches(['&', ';']).count() >= PARAMETERS || query.len() > QUERY_BYTES, Smell::Explosion),
        (has(&SESSION), Smell::Session),
        (has(&CALENDAR), Smell::Calendar),
        (depth > DEEP && depth <= ABYSS, Smell::Deep),
        (depth > ABYSS, Smell::Abyss),
        (depth >= REPEATED && segments.iter().any(|segment| occurs(segment) >= REPEATED), Smell::Repetition),
        (has_hex_run(&text), Smell::Machine),
        (origin == Origin::Alike, Smell::Alike),
    ];
    found.into_iter().filter_map(|(is_so, smell)| is_so.then_some(smell)).collect()
}

/// What a new URL costs.
#[must_use]
pub fn cost(url: &GeminiUrl, origin: Origin) -> Cost {
    1 + smells(url, origin).into_iter().map(Smell::surcharge).sum::<Cost>()
}

fn has_hex_run(text: &str) -> bool {
    text.split(|character: char| !character.is_ascii_hexdigit()).any(|run| run.len() >= HEX_RUN)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_page("/log/one.gmi", &[])]
    #[case::a_post_by_its_date("/log/2024/05/17-spring.gmi", &[])]
    #[case::a_query("/wiki?page", &[Smell::Query])]
    #[case::a_calendar("/calendar/1999/12", &[Smell::Calendar])]
    #[case::a_calendar_by_query("/cal?year=1999", &[Smell::Query, Smell::Calendar])]
    #[case::many_parameters("/s?a=1&b=2&c=3&d=4&e=5", &[Smell::Query, Smell::Explosion])]
    #[case::a_session_in_the_query("/shop?PHPSESSID=77", &[Smell::Query, Smell::Session])]
    #[case::a_session_in_the_path("/shop;sid=77/till", &[Smell::Session])]
    #[case::deep("/1/2/3/4/5/6/7/8/9", &[Smell::Deep])]
    #[case::an_abyss("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21", &[Smell::Abyss])]
    #[case::twice_is_fine("/a/b/a/b", &[])]
    #[case::three_times_is_not("/a/b/a/c/a", &[Smell::Repetition])]
    #[case::a_commit("/git/commit/0123456789abcdef0123456789abcdef01234567", &[Smell::Machine])]
    fn what_smells(#[case] path: &str, #[case] expected: &[Smell]) {
        let url = GeminiUrl::parse(&format!("gemini://a.example{path}")).unwrap();
        assert_eq!(smells(&url, Origin::Distinct), expected);
        let paid: Cost = expected.iter().map(|smell| smell.surcharge()).sum();
        assert_eq!(cost(&url, Origin::Distinct), 1 + paid);
        assert_eq!(cost(&url, Origin::Alike), 1 + paid + Smell::Alike.surcharge());
    }
}
