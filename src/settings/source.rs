//! Typed keys from `sextant.toml` and the environment. Every wrong one is noted with its key and what was
//! expected, so that an admin mends them all at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use toml::{Table, Value};

/// The configuration as it was written.
pub(super) struct Source {
    file: Table,
    environment: BTreeMap<String, String>,
    asked: BTreeSet<String>,
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The key as it stands in the file, `server.host`.
    pub(crate) key: String,
    /// What is wrong, and what is expected.
    pub(crate) what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.what)
    }
}

impl Source {
    pub(super) fn new(file: Table, environment: BTreeMap<String, String>) -> Self {
        Self { file, environment, asked: BTreeSet::new(), problems: Vec::new() }
    }

    /// A key that is one value.
    pub(super) fn one<T: FromStr>(&mut self, key: &str, expected: &str) -> Option<T> {
        let text = self.text(key)?;
        self.read(key, &text, expected)
    }

    /// A key that is a list, in the environment separated by commas. None when it is not set at all.
    pub(super) fn list<T: FromStr>(&mut self, key: &str, expected: &str) -> Option<Vec<T>> {
        let texts: Vec<String> = match self.find(key)? {
            Found::Variable(text) => text.split(',').map(|part| part.trim().to_owned()).collect(),
            Found::Value(Value::Array(values)) => {
                values.iter().map(scalar).map(Option::unwrap_or_default).collect()
            }
            Found::Value(value) => vec![scalar(&value).unwrap_or_default()],
        };
        let values = texts
            .iter()
            .filter(|text| !text.is_empty())
            .filter_map(|text| self.read(key, text, expected))
            .collect();
        Some(values)
    }

    /// A key that is a whole number within bounds.
    pub(super) fn number(&mut self, key: &str, bounds: RangeInclusive<u64>, unit: &str) -> Option<u64> {
        let expected = format!("a whole number of {unit} from {} to {}", bounds.start(), bounds.end());
        let number: u64 = self.one(key, &expected)?;
        if bounds.contains(&number) {
            return Some(number);
        }
        self.wrong(key, format!("{number} is not {expected}"));
        None
    }

    /// A key that is one of a few words.
    pub(super) fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let chosen = choices.iter().find(|(word, _)| *word == text).map(|&(_, choice)| choice);
        if chosen.is_none() {
            let words: Vec<&str> = choices.iter().map(|&(word, _)| word).collect();
            self.wrong(key, format!("{text:?} is not one of {}", words.join(", ")));
        }
        chosen
    }

    /// A section whose keys are free, with their values as text.
    pub(super) fn section(&mut self, name: &str) -> Vec<(String, String)> {
        let Some(value) = self.file.get(name).cloned() else { return Vec::new() };
        let Value::Table(table) = value else {
            self.wrong(name, "this is a section: write [".to_owned() + name + "] and its keys below");
            return Vec::new();
        };
        let keys = table.keys().map(|key| format!("{name}.{key}"));
        self.asked.extend(keys);
        table.into_iter().map(|(key, value)| (key, scalar(&value).unwrap_or_default())).collect()
    }

    /// Notes that something is wrong with a key.
    pub(super) fn wrong(&mut self, key: &str, what: String) {
        self.problems.push(Problem { key: key.to_owned(), what });
    }

    /// All that is wrong, keys included that nobody asked for.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        let unknown = written(&self.file).into_iter().filter(|key| !self.asked.contains(key));
        let unknown = unknown.map(|key| Problem { key, what: "there is no such key".to_owned() });
        self.problems.extend(unknown);
        self.problems
    }

    fn text(&mut self, key: &str) -> Option<String> {
        match self.find(key)? {
            Found::Variable(text) => Some(text),
            Found::Value(value) => {
                let text = scalar(&value);
                if text.is_none() {
                    self.wrong(key, "a single value is expected".to_owned());
                }
                text
            }
        }
    }

    /// The environment comes before the file. An empty variable counts as not set.
    fn find(&mut self, key: &str) -> Option<Found> {
        self.asked.insert(key.to_owned());
        if let Some(text) = self.environment.get(&variable(key)).filter(|text| !text.trim().is_empty()) {
            return Some(Found::Variable(text.trim().to_owned()));
        }
        let value = match key.split_once('.') {
            Some((section, name)) => self.file.get(section)?.as_table()?.get(name)?,
            None => self.file.get(key)?,
        };
        Some(Found::Value(value.clone()))
    }

    fn read<T: FromStr>(&mut self, key: &str, text: &str, expected: &str) -> Option<T> {
        let value = text.parse().ok();
        if value.is_none() {
            self.wrong(key, format!("{text:?} is not {expected}"));
        }
        value
    }
}

enum Found {
    Variable(String),
    Value(Value),
}

/// The environment's name of a key: `server.host` is `SEXTANT_SERVER_HOST`.
pub(super) fn variable(key: &str) -> String {
    format!("SEXTANT_{}", key.replace('.', "_").to_uppercase())
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}

/// Every key of the file, sections joined by a dot.
fn written(file: &Table) -> Vec<String> {
    let mut keys = Vec::new();
    for (name, value) in file {
        match value {
            Value::Table(section) => keys.extend(section.keys().map(|key| format!("{name}.{key}"))),
            _ => keys.push(name.clone()),
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(file: &str, environment: &[(&str, &str)]) -> Source {
        let environment = environment.iter().map(|&(key, value)| (key.to_owned(), value.to_owned()));
        Source::new(file.parse().expect("TOML"), environment.collect())
    }

    #[test]
    fn the_environment_comes_before_the_file() {
        let mut source = source("[a]\nb = 1", &[("SEXTANT_A_B", " 2 "), ("SEXTANT_A_C", "")]);
        assert_eq!(source.number("a.b", 0..=9, "things"), Some(2));
        assert_eq!(source.number("a.c", 0..=9, "things"), None);
        assert_eq!(source.finish(), []);
    }

    #[test]
    fn lists_are_arrays_or_separated_by_commas() {
        let mut source = source("x = [1, 2]\ny = 3", &[("SEXTANT_Z", "4, 5,")]);
        assert_eq!(source.list::<u8>("x", "a number"), Some(vec![1, 2]));
        assert_eq!(source.list::<u8>("y", "a number"), Some(vec![3]));
        assert_eq!(source.list::<u8>("z", "a number"), Some(vec![4, 5]));
        assert_eq!(source.list::<u8>("none", "a number"), None);
        assert_eq!(source.finish(), []);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_with_its_key() {
        let mut source = source("[a]\nb = \"x\"\nc = 12\nd = \"blue\"\nodd = 1\nl = [1, \"y\"]", &[]);
        source.number("a.b", 0..=9, "things");
        source.number("a.c", 0..=9, "things");
        source.choice("a.d", &[("red", 1), ("green", 2)]);
        source.list::<u8>("a.l", "a number");
        let told: Vec<String> = source.finish().iter().map(ToString::to_string).collect();
        let expected = [
            "a.b: \"x\" is not a whole number of things from 0 to 9",
            "a.c: 12 is not a whole number of things from 0 to 9",
            "a.d: \"blue\" is not one of red, green",
            "a.l: \"y\" is not a number",
            "a.odd: there is no such key",
        ];
        assert_eq!(told, expected);
    }
}
