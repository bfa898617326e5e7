//! A row of figures over time, drawn: as SVG on the web, as a line of blocks in gemtext.
//!
//! Only numbers and our own words go in; both drawings stand beside the figures as text, so that nobody has
//! to see them.

/// Blocks by height.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Width and height of the drawing, in its own units.
const SIZE: (f64, f64) = (640.0, 120.0);
/// Room around the line, so that its ends are not cut.
const EDGE: f64 = 4.0;

/// A line of blocks, one a figure; figures between least and greatest, so that small changes show.
#[must_use]
pub fn sparkline(figures: &[u64]) -> String {
    figures
        .iter()
        .map(|figure| {
            let height = share(*figure, figures) * 7.0;
            // A share is between 0 and 1.
            BLOCKS[(height.round() as usize).min(7)]
        })
        .collect()
}

/// An SVG of the figures as a line over an area, without script, style or text of its own.
#[must_use]
pub fn svg(figures: &[u64]) -> String {
    let (width, height) = SIZE;
    let step = match figures.len() {
        0 | 1 => 0.0,
        many => (width - 2.0 * EDGE) / (many - 1) as f64,
    };
    let points: Vec<String> = figures
        .iter()
        .enumerate()
        .map(|(place, figure)| {
            let x = EDGE + step * place as f64;
            let y = height - EDGE - share(*figure, figures) * (height - 2.0 * EDGE);
            format!("{x:.1},{y:.1}")
        })
        .collect();
    let line = points.join(" ");
    let end = EDGE + step * figures.len().saturating_sub(1) as f64;
    format!(
        r#"<svg class="chart" viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false"><polygon class="area" points="{EDGE},{height} {line} {end:.1},{height}"/><polyline class="line" points="{line}"/></svg>"#
    )
}

/// Where a figure stands between the least and the greatest, 0 to 1; in the middle where all are the same.
fn share(figure: u64, figures: &[u64]) -> f64 {
    let least = figures.iter().min().copied().unwrap_or_default();
    let greatest = figures.iter().max().copied().unwrap_or_default();
    if least == greatest { 0.5 } else { (figure - least) as f64 / (greatest - least) as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_is_low_and_the_greatest_high() {
        assert_eq!(sparkline(&[1, 8, 4]), "▁█▄");
        assert_eq!(sparkline(&[5, 5]), "▅▅");
        assert_eq!(sparkline(&[]), "");
    }

    #[test]
    fn the_drawing_stays_within_its_frame() {
        for figures in [vec![], vec![3], vec![0, u64::MAX], (0..90).collect()] {
            let drawing = svg(&figures);
            let numbers = drawing.split(['"', ' ', ',']).filter_map(|part| part.parse::<f64>().ok());
            assert!(numbers.into_iter().all(|number| (0.0..=640.0).contains(&number)), "{drawing}");
        }
    }
}
