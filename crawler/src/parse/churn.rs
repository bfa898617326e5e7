//! What changes on a page by itself and matters to nobody: dates, clock times, counters, "generated at".
//!
//! The mark of a page is made of its words and links without these. Only numbers and the names that belong to them
//! (months, weekdays, units) are ever left out, so a page of which one other word changed has another mark. A
//! number is left out where it is a date or a time, and in lines that speak of what is counted or renewed.

use shared::store::known::page::WordsMark;

use super::outline::Outline;

/// The mark of a page's words and links.
pub(super) fn mark(outline: &Outline<'_>) -> WordsMark {
    let mut hasher = blake3::Hasher::new();
    let mut kept = String::new();
    for line in outline.prose.lines() {
        kept.clear();
        steady(line, &mut kept);
        hasher.update(kept.as_bytes());
    }
    for line in outline.art.lines() {
        hasher.update(line.trim_end().as_bytes());
        hasher.update(b"\n");
    }
    for link in &outline.links {
        hasher.update(link.target.as_bytes());
        hasher.update(b"\n");
    }
    let mut short = [0; 8];
    hasher.finalize_xof().fill(&mut short);
    WordsMark(i64::from_le_bytes(short))
}

/// The words of a line that do not change by themselves, in small letters.
fn steady(line: &str, kept: &mut String) {
    let push = |word: &str, kept: &mut String| {
        if word.is_ascii() {
            let letters = word.bytes().filter(u8::is_ascii_alphanumeric);
            kept.extend(letters.map(|letter| char::from(letter.to_ascii_lowercase())));
        } else {
            kept.extend(
                word.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase),
            );
        }
        kept.push(' ');
    };
    if !line.bytes().any(|byte| byte.is_ascii_digit()) {
        line.split_whitespace().for_each(|word| push(word, kept));
        return;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let classes: Vec<Class> = words.iter().map(|word| Class::of(word)).collect();
    let is_renewed = words.iter().any(|word| is_one_of(word, &RENEWED));
    let class =
        |place: Option<usize>| place.and_then(|place| classes.get(place)).copied().unwrap_or(Class::Word);
    let mut dropped = vec![false; words.len()];
    for place in 0..words.len() {
        let (before, after) = (class(place.checked_sub(1)), class(Some(place + 1)));
        let is_dropped = match class(Some(place)) {
            Class::Date | Class::Time => true,
            Class::Month => is_number(before) || is_number(after),
            // "24 November 2026", "Nov 24, 2026", and "12 pm".
            Class::Number | Class::Day => {
                is_renewed
                    || before == Class::Month
                    || after == Class::Month
                    || after == Class::Hour
                    || place.checked_sub(2).is_some_and(|place| class(Some(place)) == Class::Month)
                        && before == Class::Day
            }
            Class::Weekday | Class::Hour | Class::Zone | Class::Unit | Class::Word => false,
        };
        if let Some(slot) = dropped.get_mut(place) {
            *slot = is_dropped;
        }
    }
    for place in 0..words.len() {
        let is = |place: Option<usize>| place.and_then(|place| dropped.get(place)).copied().unwrap_or(false);
        let (before, after) = (is(place.checked_sub(1)), is(Some(place + 1)));
        let follows = match class(Some(place)) {
            Class::Weekday => before || after,
            Class::Hour | Class::Zone | Class::Unit => before,
            Class::Date | Class::Time | Class::Month | Class::Day | Class::Number | Class::Word => false,
        };
        if follows && let Some(slot) = dropped.get_mut(place) {
            *slot = true;
        }
    }
    for (word, _) in words.iter().zip(&dropped).filter(|(_, dropped)| !**dropped) {
        push(word, kept);
    }
}

/// Words of lines whose numbers count something, or say when something was made.
const RENEWED: [&str; 44] = [
    "ago",
    "aktualisiert",
    "besucher",
    "besuche",
    "built",
    "compiled",
    "copyright",
    "counter",
    "erstellt",
    "fetched",
    "generated",
    "generiert",
    "généré",
    "heute",
    "hits",
    "latency",
    "load",
    "modified",
    "now",
    "online",
    "rebuilt",
    "refreshed",
    "rendered",
    "requests",
    "served",
    "since",
    "stand",
    "temperature",
    "today",
    "updated",
    "uptime",
    "usage",
    "vor",
    "views",
    "visites",
    "visiteurs",
    "visitor",
    "visitors",
    "visits",
    "zuletzt",
    "modifié",
    "jour",
    "mise",
    "©",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// `2026-11-24`, `24.11.2026`, with or without a time behind it.
    Date,
    /// `12:34:56`.
    Time,
    /// A number up to 31.
    Day,
    /// Any other number, perhaps with its unit: `1,204`, `3rd`, `12%`, `0.3ms`.
    Number,
    Month,
    Weekday,
    /// `am`, `pm`, `Uhr`.
    Hour,
    /// `UTC`, `+0200`.
    Zone,
    /// `hours`, `KB`.
    Unit,
    Word,
}

impl Class {
    fn of(word: &str) -> Self {
        let word = word.trim_matches(|character: char| !character.is_alphanumeric() && character != '+');
        if word.is_empty() || LONGEST < word.len() {
            return Self::Word;
        }
        if word.bytes().any(|byte| byte.is_ascii_digit()) {
            return Self::with_digits(word);
        }
        let lists = [(&MONTHS[..], Self::Month), (&WEEKDAYS, Self::Weekday), (&HOURS, Self::Hour)];
        let more = [(&ZONES[..], Self::Zone), (&UNITS, Self::Unit)];
        let mut lists = lists.into_iter().chain(more);
        lists.find(|(list, _)| is_one_of(word, list)).map_or(Self::Word, |(_, class)| class)
    }

    fn with_digits(word: &str) -> Self {
        if is_date(word) {
            return Self::Date;
        }
        if is_time(word) {
            return Self::Time;
        }
        if let Some(zone) = word.strip_prefix('+') {
            let is_zone = zone.len() <= 5 && zone.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
            return if is_zone { Self::Zone } else { Self::Word };
        }
        let digits = word.trim_end_matches(|character: char| character.is_alphabetic() || character == '%');
        let unit = word.get(digits.len()..).unwrap_or_default();
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
        if !is_number || 3 < unit.len() {
            return Self::Word;
        }
        match digits.parse::<u32>() {
            Ok(1..=31) => Self::Day,
            Ok(_) | Err(_) => Self::Number,
        }
    }
}

/// A longer word is neither a date nor a number.
const LONGEST: usize = 40;

const fn is_number(class: Class) -> bool {
    match class {
        Class::Day | Class::Number => true,
        Class::Date
        | Class::Time
        | Class::Month
        | Class::Weekday
        | Class::Hour
        | Class::Zone
        | Class::Unit
        | Class::Word => false,
    }
}

/// Three groups of digits, one of them a year.
fn is_date(word: &str) -> bool {
    let (date, time) =
        word.split_once(['T', 't', '_']).map_or((word, None), |(date, time)| (date, Some(time)));
    let mut groups = 0;
    let mut years = 0;
    for group in date.split(['-', '/', '.']) {
        if !(1..=4).contains(&group.len()) || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        groups += 1;
        years += usize::from(group.len() == 4 && matches!(group.get(..2), Some("19" | "20")));
    }
    groups == 3 && years == 1 && time.is_none_or(is_time)
}

/// `1:23`, `01:23:45.678`, with `am`, `Z` or `+02:00` behind it.
fn is_time(word: &str) -> bool {
    let end = word.find(|character: char| !(character.is_ascii_digit() || matches!(character, ':' | '.')));
    let (time, zone) = word.split_at(end.unwrap_or(word.len()));
    let mut groups = time.split(':');
    let is_two =
        |group: &str| (1..=2).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit());
    let is_hour = groups.next().is_some_and(is_two);
    let is_minute = groups.next().is_some_and(|group| group.len() == 2 && is_two(group));
    let is_second = groups.next().is_none_or(|group| group.split('.').next().is_some_and(is_two));
    is_hour && is_minute && is_second && groups.next().is_none() && zone.len() <= 6
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    let word = word.trim_matches(|character: char| !character.is_alphanumeric() && character != '©');
    (1..=LONGEST).contains(&word.len()) && {
        let word = word.to_lowercase();
        list.contains(&word.as_str())
    }
}

const MONTHS: [&str; 62] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "januar",
    "februar",
    "märz",
    "mai",
    "juni",
    "juli",
    "oktober",
    "dezember",
    "okt",
    "dez",
    "janvier",
    "février",
    "mars",
    "avril",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
    "gennaio",
    "febbraio",
    "aprile",
    "maggio",
    "giugno",
];
const WEEKDAYS: [&str; 37] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thur",
    "thurs",
    "fri",
    "sat",
    "sun",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonntag",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "lunes",
    "martes",
    "miércoles",
    "jueves",
    "viernes",
    "domingo",
];
const HOURS: [&str; 4] = ["am", "pm", "uhr", "o'clock"];
const ZONES: [&str; 12] =
    ["utc", "gmt", "z", "cet", "cest", "est", "edt", "pst", "pdt", "mst", "bst", "local"];
const UNITS: [&str; 34] = [
    "second", "seconds", "sec", "secs", "s", "ms", "minute", "minutes", "min", "mins", "hour", "hours",
    "hrs", "h", "day", "days", "d", "week", "weeks", "month", "months", "year", "years", "sekunden",
    "minuten", "stunden", "tag", "tagen", "tage", "heures", "jours", "kb", "mb", "gb",
];

#[cfg(test)]
mod tests;
