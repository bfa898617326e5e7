//! Figures over time, drawn: stacked bars or a line with its scale, as SVG on the web; as blocks in gemtext and on a
//! terminal. All stand on nought.
//!
//! Only numbers and our own words go in. The drawing has no script and no style of its own; what it shows is told
//! in a sentence too, and as a table.

use std::fmt::Write as _;

use super::chart::sparkline;

/// Width and height of a drawing, in its own units.
const SIZE: (f64, f64) = (640.0, 180.0);
/// Room for the scale on the left, and for the moments below.
const LEFT: f64 = 8.0;
const BELOW: f64 = 22.0;
const ABOVE: f64 = 18.0;
/// Columns of a line of blocks at most.
const COLUMNS: usize = 60;

/// Figures over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// What is drawn.
    pub name: String,
    /// The same in a sentence; for those who do not see the drawing it is all there is to know.
    pub told: String,
    /// The moments, the oldest first, in few characters.
    pub moments: Vec<String>,
    /// The figures of each series, one for each moment; where there are several, they add up.
    pub series: Vec<Series>,
    /// How they are drawn.
    pub shape: Shape,
    /// What the scale counts.
    pub unit: Unit,
}

/// One series of figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What they count.
    pub name: &'static str,
    /// One for each moment.
    pub figures: Vec<u64>,
    /// Its colour.
    pub tone: Tone,
}

/// What a colour says; names and tables say it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// What it is about.
    Strong,
    /// What belongs to it.
    Soft,
    /// What should be little.
    Warning,
}

impl Tone {
    /// Its class on the web.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Soft => "soft",
            Self::Warning => "warning",
        }
    }
}

/// How figures are drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// As bars that add up, from nought.
    Bars,
    /// As a line over an area, from nought.
    Line,
    /// As a line that goes on, dashed, to the last of these figures: what is expected.
    Forecast(Vec<u64>),
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
}

impl Plot {
    /// Figures by day as a line, told by the first and the last of them.
    #[must_use]
    pub fn by_day(name: &'static str, days: Vec<(String, u64)>) -> Self {
        let unit = Unit::Count;
        let told = match (days.first(), days.last()) {
            (Some((first_day, first)), Some((last_day, last))) if days.len() > 1 => {
                format!("from {} on {first_day} to {} on {last_day}", unit.say(*first), unit.say(*last))
            }
            (Some((day, only)), _) => format!("{} on {day}", unit.say(*only)),
            (None, _) => "nothing counted yet".to_owned(),
        };
        let (moments, figures) = days.into_iter().unzip();
        let series = vec![Series { name, figures, tone: Tone::Strong }];
        Self { name: name.to_owned(), told, moments, series, shape: Shape::Line, unit }
    }

    /// Whether a line can be drawn: a single moment is no trend.
    #[must_use]
    pub fn is_line(&self) -> bool {
        self.moments.len() > 1
    }

    /// Whether there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.moments.is_empty()
    }

    /// The sums of all series.
    #[must_use]
    pub fn sums(&self) -> Vec<u64> {
        let at = |place: usize| self.series.iter().filter_map(|one| one.figures.get(place)).sum();
        (0..self.moments.len()).map(at).collect()
    }

    /// As a line of blocks; where there are too many moments, the greatest of each few.
    #[must_use]
    pub fn blocks(&self) -> String {
        let sums = self.sums();
        let each = sums.len().div_ceil(COLUMNS).max(1);
        let columns: Vec<u64> =
            sums.chunks(each).map(|few| few.iter().copied().max().unwrap_or_default()).collect();
        sparkline(&columns)
    }

    /// Each moment with the figures of all series, as they are said.
    #[must_use]
    pub fn table(&self) -> Vec<(String, Vec<String>)> {
        let row = |(place, moment): (usize, &String)| {
            let said = self
                .series
                .iter()
                .map(|one| one.figures.get(place).map_or_else(String::new, |figure| self.unit.say(*figure)));
            (moment.clone(), said.collect())
        };
        self.moments.iter().enumerate().map(row).collect()
    }

    /// As SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        let (width, height) = SIZE;
        let expected: &[u64] = match &self.shape {
            Shape::Forecast(expected) => expected,
            Shape::Bars | Shape::Line => &[],
        };
        let sums = self.sums();
        let top = scale(sums.iter().chain(expected).copied().max().unwrap_or_default());
        let y = |figure: f64| height - BELOW - figure / top as f64 * (height - BELOW - ABOVE);
        let mut out = format!(
            r#"<svg class="plot" viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false">"#
        );
        for share in [1.0, 0.5] {
            let line = y(top as f64 * share);
            // Writing into a string cannot fail.
            let _written = write!(
                out,
                r#"<line class="grid" x1="{LEFT}" x2="{:.1}" y1="{line:.1}" y2="{line:.1}"/>"#,
                width - LEFT
            );
        }
        let places = sums.len() + expected.len();
        match &self.shape {
            Shape::Bars => self.bars(&mut out, places, y),
            Shape::Line | Shape::Forecast(_) => line(&mut out, &sums, expected, y),
        }
        let base = y(0.0);
        let _written = write!(
            out,
            r#"<line class="axis" x1="{LEFT}" x2="{:.1}" y1="{base:.1}" y2="{base:.1}"/>"#,
            width - LEFT
        );
        // What is written stands above what is drawn.
        for share in [1.0, 0.5] {
            let _written = write!(
                out,
                r#"<text class="scale" x="{LEFT}" y="{:.1}">{}</text>"#,
                y(top as f64 * share) - 4.0,
                self.unit.say((top as f64 * share) as u64)
            );
        }
        self.moments_below(&mut out, places);
        out.push_str("</svg>");
        out
    }

    fn bars(&self, out: &mut String, places: usize, y: impl Fn(f64) -> f64) {
        let step = (SIZE.0 - 2.0 * LEFT) / places.max(1) as f64;
        let wide = (step * 0.78).min(24.0);
        for place in 0..self.moments.len() {
            let x = LEFT + step * place as f64 + (step - wide) / 2.0;
            let mut below = 0;
            for one in &self.series {
                let figure = one.figures.get(place).copied().unwrap_or_default();
                if figure == 0 {
                    continue;
                }
                let (high, low) = (y((below + figure) as f64), y(below as f64));
                below += figure;
                let tall = (low - high).max(0.5);
                let _written = write!(
                    out,
                    r#"<rect class="{}" x="{x:.1}" y="{high:.1}" width="{wide:.1}" height="{tall:.1}"/>"#,
                    one.tone.class()
                );
            }
        }
    }

    /// The first moment, the one in the middle and the last, below their places.
    fn moments_below(&self, out: &mut String, places: usize) {
        let (width, height) = SIZE;
        let last = self.moments.len().saturating_sub(1);
        let at = |place: usize| match self.shape {
            Shape::Bars => {
                let step = (width - 2.0 * LEFT) / places.max(1) as f64;
                LEFT + step * (place as f64 + 0.5)
            }
            Shape::Line | Shape::Forecast(_) => along(place, places),
        };
        let mut shown: Vec<usize> = vec![0, last / 2, last];
        shown.dedup();
        for place in shown {
            let Some(moment) = self.moments.get(place) else { continue };
            let anchor = match place {
                0 => "start",
                _ if place + 1 == places => "end",
                _ => "middle",
            };
            let x = match anchor {
                "start" => LEFT,
                "end" => width - LEFT,
                _ => at(place),
            };
            let moment: String =
                moment.chars().filter(|c| c.is_ascii_alphanumeric() || " :-.".contains(*c)).collect();
            let _written = write!(
                out,
                r#"<text class="moment" x="{x:.1}" y="{:.1}" text-anchor="{anchor}">{moment}</text>"#,
                height - 6.0
            );
        }
    }
}

/// Where a place of a line stands.
fn along(place: usize, places: usize) -> f64 {
    let step = (SIZE.0 - 2.0 * LEFT) / places.saturating_sub(1).max(1) as f64;
    LEFT + step * place as f64
}

fn line(out: &mut String, figures: &[u64], expected: &[u64], y: impl Fn(f64) -> f64) {
    let places = figures.len() + expected.len();
    let point = |place: usize, figure: u64| format!("{:.1},{:.1}", along(place, places), y(figure as f64));
    let drawn: Vec<String> =
        figures.iter().enumerate().map(|(place, figure)| point(place, *figure)).collect();
    let drawn = drawn.join(" ");
    let (base, end) = (y(0.0), along(figures.len().saturating_sub(1), places));
    let _written = write!(
        out,
        r#"<polygon class="area" points="{LEFT:.1},{base:.1} {drawn} {end:.1},{base:.1}"/><polyline class="line" points="{drawn}"/>"#
    );
    if let (Some(last), false) = (figures.last(), expected.is_empty()) {
        let begin = figures.len() - 1;
        let ahead = std::iter::once(last).chain(expected).enumerate();
        let dashed: Vec<String> = ahead.map(|(place, figure)| point(begin + place, *figure)).collect();
        let _written = write!(out, r#"<polyline class="line ahead" points="{}"/>"#, dashed.join(" "));
    }
}

/// A round figure that is not below this one, and whose half is round too.
fn scale(greatest: u64) -> u64 {
    if greatest <= 10 {
        return (greatest + greatest % 2).max(2);
    }
    let mut step: u64 = 1;
    loop {
        for factor in [10, 12, 16, 20, 24, 30, 40, 50, 60, 80] {
            let round = step.saturating_mul(factor);
            if greatest <= round {
                return round;
            }
        }
        step = step.saturating_mul(10);
    }
}

impl Unit {
    /// A figure as it is said.
    #[must_use]
    pub fn say(self, figure: u64) -> String {
        match self {
            Self::Count => super::phrase::grouped(figure),
            Self::Bytes => super::phrase::bytes(figure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(shape: Shape, figures: &[u64]) -> Plot {
        let moments = (0..figures.len()).map(|hour| format!("{hour:02}:00")).collect();
        let series = vec![Series { name: "pages", figures: figures.to_vec(), tone: Tone::Strong }];
        Plot { name: "Pages".to_owned(), told: String::new(), moments, series, shape, unit: Unit::Count }
    }

    #[test]
    fn whatever_is_drawn_stays_within_its_frame() {
        for figures in [vec![], vec![0], vec![3], vec![0, u64::MAX / 4], (0..200).collect()] {
            for shape in [Shape::Bars, Shape::Line, Shape::Forecast(vec![7, 0])] {
                let drawing = plot(shape, &figures).svg();
                assert!(!drawing.contains("NaN") && !drawing.contains("inf"), "{drawing}");
                let within = |name: &str, most: f64| {
                    let attribute = format!(" {name}=\"");
                    drawing
                        .split(&attribute)
                        .skip(1)
                        .filter_map(|rest| rest.split_once('"')?.0.parse::<f64>().ok())
                        .all(|value| (0.0..=most).contains(&value))
                };
                assert!(within("x", 640.0) && within("y", 180.0) && within("height", 180.0), "{drawing}");
            }
        }
    }

    #[test]
    fn the_scale_is_round_and_reaches_the_greatest() {
        assert_eq!([0, 1, 3, 51, 236, 480, 1_001].map(scale), [2, 2, 4, 60, 240, 500, 1_200]);
        assert_eq!(scale(u64::MAX), u64::MAX, "there is nothing above");
    }

    #[test]
    fn a_line_stands_on_nought() {
        let days = vec![("2026-11-21".to_owned(), 990), ("2026-11-22".to_owned(), 1_000)];
        let drawing = Plot::by_day("Pages", days).svg();
        let (_, rest) = drawing.split_once(r#"class="line" points=""#).unwrap();
        let heights: Vec<f64> = rest
            .split('"')
            .next()
            .unwrap()
            .split(' ')
            .map(|point| point.split_once(',').unwrap().1.parse().unwrap())
            .collect();
        let (_, base) = drawing.split_once(r#"class="axis""#).unwrap();
        let base: f64 = base.split("y1=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
        let tall: Vec<f64> = heights.iter().map(|height| base - height).collect();
        assert!((tall[0] / tall[1] - 0.99).abs() < 0.01, "one in a hundred less is drawn so: {tall:?}");
    }

    #[test]
    fn many_moments_are_few_blocks() {
        let many = plot(Shape::Line, &(0..288).collect::<Vec<u64>>());
        assert!(many.blocks().chars().count() <= COLUMNS);
        assert!(many.blocks().ends_with('█'), "the greatest of each few");
    }
}
