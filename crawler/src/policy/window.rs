//! The hours in which the crawl may visit capsules, if the admin set any; without them it always may.
//!
//! A window is a span of the day in UTC, such as `22:00-06:00`, which may reach over midnight.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const DAY_MINUTES: u32 = 24 * 60;

/// A span of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Minutes after midnight, UTC.
    from: u32,
    /// The same; before `from` or equal to it: on the next day.
    until: u32,
}

/// What is no window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no span of the day such as 22:00-06:00")]
pub struct NotAWindow(String);

impl FromStr for Window {
    type Err = NotAWindow;

    fn from_str(text: &str) -> Result<Self, NotAWindow> {
        let read = || {
            let (from, until) = text.split_once('-')?;
            Some(Self { from: minute(from.trim())?, until: minute(until.trim())? })
        };
        read().ok_or_else(|| NotAWindow(text.to_owned()))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, until) = (self.from, self.until);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
    let (hour, minute): (u32, u32) = (digits(hour)?, digits(minute)?);
    let all = hour * 60 + minute;
    (hour <= 24 && minute < 60 && all <= DAY_MINUTES).then_some(all % DAY_MINUTES)
}

/// How long until one of the windows is open; nothing: now. `since_midnight` is the time of the day, UTC. Without any
/// window it is always open.
#[must_use]
pub fn closed_for(windows: &[Window], since_midnight: Duration) -> Duration {
    let day = u64::from(DAY_MINUTES) * 60;
    let now = since_midnight.as_secs() % day;
    let wait = |window: &Window| {
        let (from, until) = (u64::from(window.from) * 60, u64::from(window.until) * 60);
        let length = (until + day - from - 1) % day + 1;
        let since = (now + day - from) % day;
        if since < length { 0 } else { day - since }
    };
    Duration::from_secs(windows.iter().map(wait).min().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::none(&[], "12:00", 0)]
    #[case::within(&["08:00-12:00"], "08:00", 0)]
    #[case::its_end(&["08:00-12:00"], "12:00", 20 * 60)]
    #[case::before(&["08:00-12:00"], "07:15", 45)]
    #[case::over_midnight(&["22:00-06:00"], "23:30", 0)]
    #[case::after_midnight(&["22:00-06:00"], "05:59", 0)]
    #[case::in_the_day(&["22:00-06:00"], "06:00", 16 * 60)]
    #[case::the_nearer_of_two(&["22:00-06:00", "12:00-13:00"], "11:00", 60)]
    #[case::all_day(&["00:00-24:00"], "12:00", 0)]
    fn minutes_until_it_opens(#[case] windows: &[&str], #[case] now: &str, #[case] expected: u64) {
        let windows: Vec<Window> = windows.iter().map(|window| window.parse().unwrap()).collect();
        let now = Duration::from_secs(u64::from(minute(now).unwrap()) * 60);
        assert_eq!(closed_for(&windows, now), Duration::from_secs(expected * 60));
    }

    #[rstest]
    #[case("22:00")]
    #[case("25:00-06:00")]
    #[case("22:60-06:00")]
    #[case("24:30-06:00")]
    #[case("-1:00-06:00")]
    #[case("night")]
    fn what_is_no_window(#[case] text: &str) {
        assert!(text.parse::<Window>().is_err());
    }

    #[test]
    fn a_window_is_written_as_it_is_read() {
        assert_eq!(
            "2:5-06:00".parse::<Window>().map(|window| window.to_string()),
            Ok("02:05-06:00".to_owned())
        );
    }
}
