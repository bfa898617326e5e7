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
