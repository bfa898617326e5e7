//! How it went: the last two days by the hour and by ten minutes, and the disk by the day, as the samples have it.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use shared::store::StoreError;
use shared::store::known::sample::{self, Sample};
use shared::store::outcome::Outcome;
use shared::store::pool::Connection;

use super::forecast::{self, Forecast};
use crate::render::phrase::{self, grouped};
use crate::render::plot::{Plot, Series, Shape, Tone, Unit};

const HOUR: Duration = Duration::from_secs(3_600);
const TEN_MINUTES: Duration = Duration::from_secs(600);
const DAY: Duration = Duration::from_secs(86_400);
/// So far back hours and slots are drawn, and days.
const TWO_DAYS: Duration = Duration::from_secs(2 * 86_400);
const DAYS: Duration = Duration::from_secs(40 * 86_400);
/// Days that are foretold in the drawing.
const AHEAD: u64 = 20;

/// What is drawn.
#[derive(Clone, Debug, Default)]
pub struct Charts {
    /// `outcome.` and the outcome's word, by the hour.
    pub outcomes: Vec<Sample>,
    /// `due`, by ten minutes.
    pub due: Vec<Sample>,
    /// `sockets`, by ten minutes.
    pub sockets: Vec<Sample>,
    /// `lag.` and the follower's name, by ten minutes.
    pub lag: Vec<Sample>,
    /// `disk.used` and `disk.total`, by the day.
    pub disk: Vec<Sample>,
}

/// Reads them.
///
/// # Errors
///
/// When the database is away.
pub async fn load(c: &mut Connection) -> Result<Charts, StoreError> {
    Ok(Charts {
        outcomes: sample::since(c, "outcome.", TWO_DAYS, HOUR).await?,
        due: sample::since(c, "due", TWO_DAYS, TEN_MINUTES).await?,
        sockets: sample::since(c, "sockets", TWO_DAYS, TEN_MINUTES).await?,
        lag: sample::since(c, "lag.", TWO_DAYS, TEN_MINUTES).await?,
        disk: sample::since(c, "disk.", DAYS, DAY).await?,
    })
}

/// What an hour's requests came to, as bars tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// A page that is new or has changed.
    New,
    /// A page as it was before.
    Same,
    /// An answer without a page.
    Other,
    /// No answer, or one that is to be tried again.
    Failed,
}

fn came(outcome: Outcome) -> Came {
    match outcome {
        Outcome::Fetched => Came::New,
        Outcome::Unchanged => Came::Same,
        Outcome::MovedTemporarily
        | Outcome::MovedPermanently
        | Outcome::WantsInput
        | Outcome::WantsCertificate
        | Outcome::NotFound
        | Outcome::Gone
        | Outcome::ForeignHost
        | Outcome::RefusedByRobots
        | Outcome::Excluded => Came::Other,
        Outcome::SlowDown | Outcome::TemporaryFailure | Outcome::Unreachable(_) | Outcome::Malformed => {
            Came::Failed
        }
    }
}

/// All drawings; such as have nothing to draw yet are left out.
#[must_use]
pub fn shown(charts: &Charts) -> Vec<Plot> {
    let lag = by_name(&charts.lag);
    let lag = lag.iter().map(|(name, samples)| {
        let name = format!("Lag of index {}", name.trim_start_matches("lag."));
        gauge(name, "behind", samples)
    });
    let mut plots = vec![
        hours(
            &charts.outcomes,
            "Pages an hour",
            [(Came::New, "new or changed", Tone::Strong), (Came::Same, "as before", Tone::Soft)],
        ),
        hours(
            &charts.outcomes,
            "Other answers an hour",
            [
                (Came::Other, "moved, not there, no page", Tone::Soft),
                (Came::Failed, "failed, or to be tried again", Tone::Warning),
            ],
        ),
        gauge("Capsules due".to_owned(), "due", &charts.due),
        gauge("Open sockets".to_owned(), "open", &charts.sockets),
    ];
    plots.extend(lag);
    plots.extend(disk(&charts.disk));
    plots.retain(|plot| !plot.is_empty());
    plots
}

fn by_name(samples: &[Sample]) -> BTreeMap<&str, Vec<Sample>> {
    let mut names: BTreeMap<&str, Vec<Sample>> = BTreeMap::new();
    for sample in samples {
        names.entry(&sample.name).or_default().push(sample.clone());
    }
    names
}

/// Bars by the hour, an hour without a request among them.
fn hours(samples: &[Sample], name: &str, kinds: [(Came, &'static str, Tone); 2]) -> Plot {
    let mut hours: BTreeMap<DateTime<Utc>, [u64; 2]> = BTreeMap::new();
    for sample in samples {
        let Some(outcome) = sample.name.strip_prefix("outcome.").and_then(|word| word.parse().ok()) else {
            continue;
        };
        let figures = hours.entry(sample.at).or_default();
        let came = came(outcome);
        for (figure, (kind, _, _)) in figures.iter_mut().zip(kinds) {
            if kind == came {
                *figure += sample.value;
            }
        }
    }
    let (Some(first), Some(last)) = (hours.keys().next().copied(), hours.keys().next_back().copied()) else {
        return empty(name);
    };
    let count = (last - first).num_hours();
    let all: Vec<DateTime<Utc>> = (0..=count).map(|hour| first + TimeDelta::hours(hour)).collect();
    let figures = |place: usize| {
        let at = |hour| hours.get(hour).and_then(|figures| figures.get(place)).copied().unwrap_or_default();
        all.iter().map(at).collect::<Vec<u64>>()
    };
    let series: Vec<Series> = kinds
        .into_iter()
        .enumerate()
        .map(|(place, (_, name, tone))| Series { name, figures: figures(place), tone })
        .collect();
    let sums: Vec<u64> = hours.values().map(|figures| figures.iter().sum()).collect();
    let day: u64 = sums.iter().rev().take(24).sum();
    let told = format!(
        "{} in this hour so far, {} in the last {}",
        grouped(sums.last().copied().unwrap_or_default()),
        grouped(day),
        phrase::count(sums.len().min(24) as u64, "hour", "hours")
    );
    Plot {
        name: name.to_owned(),
        told,
        moments: all.iter().map(|at| at.format("%d %b %H:%M").to_string()).collect(),
        series,
        shape: Shape::Bars,
        unit: Unit::Count,
    }
}

/// A line by ten minutes; a slot that nobody sampled has the figure before it.
fn gauge(name: String, unit: &'static str, samples: &[Sample]) -> Plot {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return empty(&name) };
    if first.at == last.at {
        return empty(&name);
    }
    let known: BTreeMap<DateTime<Utc>, u64> =
        samples.iter().map(|sample| (sample.at, sample.value)).collect();
    let count = (last.at - first.at).num_minutes() / 10;
    let mut figure = first.value;
    let (mut moments, mut figures) = (Vec::new(), Vec::new());
    for slot in 0..=count {
        let at = first.at + TimeDelta::minutes(10 * slot);
        figure = known.get(&at).copied().unwrap_or(figure);
        moments.push(at.format("%d %b %H:%M").to_string());
        figures.push(figure);
    }
    let most = figures.iter().copied().max().unwrap_or_default();
    let told = format!("now {}, at most {}", grouped(last.value), grouped(most));
    Plot {
        name,
        told,
        moments,
        series: vec![Series { name: unit, figures, tone: Tone::Strong }],
        shape: Shape::Line,
        unit: Unit::Count,
    }
}

fn disk(samples: &[Sample]) -> Option<Plot> {
    let of = |name: &str| -> Vec<&Sample> { samples.iter().filter(|sample| sample.name == name).collect() };
    let used = of("disk.used");
    let total = of("disk.total").last()?.value;
    let figures: Vec<u64> = used.iter().map(|sample| sample.value).collect();
    let last = *figures.last()?;
    if figures.len() < 2 {
        return None;
    }
    let forecast = forecast::of(&figures, total);
    let of_all = format!("{} of {} taken", phrase::bytes(last), phrase::bytes(total));
    let told = match forecast {
        Forecast::TooEarly => format!("{of_all}; a forecast needs three days"),
        Forecast::Steady => format!("{of_all}, and it does not grow"),
        Forecast::Growing { a_day, full_in: Some(days) } => format!(
            "{of_all}; it grows by {} a day, and at this pace is full in {}",
            phrase::bytes(a_day),
            phrase::count(days, "day", "days")
        ),
        Forecast::Growing { a_day, full_in: None } => {
            format!("{of_all}; it grows by {} a day, and lasts for more than ten years", phrase::bytes(a_day))
        }
    };
    Some(Plot {
        name: "Disk".to_owned(),
        told,
        moments: used.iter().map(|sample| sample.at.format("%d %b").to_string()).collect(),
        series: vec![Series { name: "taken", figures, tone: Tone::Strong }],
        shape: Shape::Forecast(forecast.days(last, total, AHEAD)),
        unit: Unit::Bytes,
    })
}

fn empty(name: &str) -> Plot {
    Plot {
        name: name.to_owned(),
        told: String::new(),
        moments: Vec::new(),
        series: Vec::new(),
        shape: Shape::Bars,
        unit: Unit::Count,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;

    fn at(hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 24, hour, minute, 0).unwrap()
    }

    fn sample(name: &str, at: DateTime<Utc>, value: u64) -> Sample {
        Sample { name: name.to_owned(), at, value }
    }

    #[test]
    fn an_hour_without_requests_is_an_hour_of_nought() {
        let outcomes = vec![
            sample("outcome.fetched", at(9, 0), 30),
            sample("outcome.unchanged", at(9, 0), 5),
            sample("outcome.not-found", at(9, 0), 4),
            sample("outcome.fetched", at(11, 0), 2),
            sample("outcome.of-another-time", at(11, 0), 99),
        ];
        let plots = shown(&Charts { outcomes, ..Charts::default() });
        let pages = &plots[0];
        assert_eq!(pages.sums(), [35, 0, 2]);
        assert_eq!(pages.moments, ["24 Nov 09:00", "24 Nov 10:00", "24 Nov 11:00"]);
        assert_eq!(pages.told, "2 in this hour so far, 37 in the last 2 hours");
        assert_eq!(plots[1].sums(), [4, 0, 0]);
    }

    #[test]
    fn a_slot_that_nobody_sampled_has_the_figure_before_it() {
        let due = vec![sample("due", at(9, 0), 3), sample("due", at(9, 30), 8)];
        let plots = shown(&Charts { due, ..Charts::default() });
        assert_eq!(plots[0].sums(), [3, 3, 3, 8]);
    }
}
