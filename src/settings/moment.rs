//! A time of the day, for what is done once a day.

use std::str::FromStr;

/// When the admin is told each day that all is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heartbeat {
    /// At this minute of the day, in UTC.
    At(u16),
    /// Never.
    Never,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self::At(8 * 60)
    }
}

impl FromStr for Heartbeat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "never" {
            return Ok(Self::Never);
        }
        let (hour, minute) = text.split_once(':').ok_or(())?;
        let number = |digits: &str, limit: u16| {
            let number: u16 = digits.parse().ok().filter(|_| digits.len() == 2)?;
            (number < limit).then_some(number)
        };
        let (hour, minute) = (number(hour, 24).ok_or(())?, number(minute, 60).ok_or(())?);
        Ok(Self::At(hour * 60 + minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_hour_and_a_minute() {
        for (text, expected) in [
            ("08:00", Ok(Heartbeat::At(480))),
            ("23:59", Ok(Heartbeat::At(1_439))),
            ("never", Ok(Heartbeat::Never)),
            ("24:00", Err(())),
            ("8:00", Err(())),
            ("08:60", Err(())),
            ("", Err(())),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }
}
