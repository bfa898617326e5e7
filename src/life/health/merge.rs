//! Several texts of figures become one: what belongs to one name stands together, explained once.

use std::collections::BTreeMap;

/// The lines of one name.
#[derive(Default)]
struct Family<'a> {
    explained: Vec<&'a str>,
    samples: Vec<&'a str>,
}

/// Merges texts in Prometheus's format whose samples differ in a label.
pub(super) fn merge<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut families: BTreeMap<&str, Family<'_>> = BTreeMap::new();
    for text in texts {
        let mut current = "";
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(comment) = line.strip_prefix("# ") {
                let mut words = comment.split(' ');
                let kind = words.next();
                let Some(name) = words.next() else { continue };
                current = name;
                let family = families.entry(name).or_default();
                let is_told = family.explained.iter().any(|told| told.split(' ').nth(1) == kind);
                if !is_told {
                    family.explained.push(line);
                }
            } else {
                families.entry(current).or_default().samples.push(line);
            }
        }
    }
    let mut merged = String::new();
    for family in families.into_values() {
        for line in family.explained.into_iter().chain(family.samples) {
            merged.push_str(line);
            merged.push('\n');
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_one_name_stands_together() {
        let one = "# HELP a_total All\n# TYPE a_total counter\na_total{component=\"x\"} 1\n\n# TYPE b gauge\nb{component=\"x\"} 2\n";
        let other = "# TYPE b gauge\nb{component=\"y\"} 3\n\n# HELP a_total All\n# TYPE a_total counter\na_total{component=\"y\"} 4\n";
        assert_eq!(
            merge([one, other].into_iter()),
            "# HELP a_total All\n# TYPE a_total counter\na_total{component=\"x\"} 1\na_total{component=\"y\"} 4\n\
             # TYPE b gauge\nb{component=\"x\"} 2\nb{component=\"y\"} 3\n"
        );
        assert_eq!(merge(std::iter::empty()), "");
    }
}
