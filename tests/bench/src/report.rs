//! What a bench found: figures by name, and the promises that they break.

use std::process::ExitCode;

use serde_json::{Map, Value};

/// The figures of a bench by name, and what they break.
#[derive(Debug, Default)]
pub struct Report {
    figures: Map<String, Value>,
    broken: Vec<String>,
}

impl Report {
    /// Adds a figure. Its name says the unit: `longest_visit_s`, `rss_growth_mib`.
    pub fn figure(&mut self, name: &str, value: impl Into<Value>) {
        self.figures.insert(name.to_owned(), value.into());
    }

    /// Adds a ratio or a measured time, rounded to what can be believed.
    pub fn measured(&mut self, name: &str, value: f64) {
        self.figure(name, (value * 1_000.0).round() / 1_000.0);
    }

    /// Keeps the highest of the values that are told under a name.
    pub fn most(&mut self, name: &str, value: f64) {
        let so_far = self.figures.get(name).and_then(Value::as_f64).unwrap_or(value);
        self.measured(name, so_far.max(value));
    }

    /// Adds up what is told under a name.
    pub fn add(&mut self, name: &str, count: u64) {
        let so_far = self.figures.get(name).and_then(Value::as_u64).unwrap_or_default();
        self.figure(name, so_far + count);
    }

    /// Notes a promise; `sentence` says what is wrong where it does not hold.
    pub fn promise(&mut self, holds: bool, sentence: impl Into<String>) {
        if !holds {
            self.broken.push(sentence.into());
        }
    }

    /// Prints the broken promises and, as the last line, all figures as one flat JSON object.
    #[must_use]
    #[allow(clippy::print_stdout, reason = "a bench's report is its output")]
    pub fn print(self) -> ExitCode {
        for sentence in &self.broken {
            println!("broken: {sentence}");
        }
        println!("{}", Value::Object(self.figures));
        if self.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The middle one of some measured values; 0 where there is none.
#[must_use]
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
