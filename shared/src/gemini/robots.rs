//! robots.txt as capsules write it (companion specification, RFC 9309), read in the strict sense where two
//! readings are possible.
//!
//! A group for `sextant` by name stands for `indexer` and `*`; without one the rules of both apply, each
//! judged by itself, and one refusal refuses. `archiver` and `webproxy` always apply to those uses. Within one
//! agent's rules the longest match decides, and of two equally long ones the permission. Rules may hold
//! `*` and end in `$`; rule and path are compared in one percent-encoding.

use std::time::Duration;

/// Bytes of a robots.txt that are read (RFC 9309 asks for 500 KiB at least).
pub const MAX_ROBOTS_BYTES: usize = 512 * 1024;

/// What is to be done with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Use {
    /// Make it searchable.
    Index,
    /// Show a stored copy of it.
    Archive,
    /// Show it as HTML over HTTP.
    Proxy,
}

/// What the rules say of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Go ahead.
    Allowed,
    /// Do not.
    Refused {
        /// The line of the rule, counted from 1.
        line: u32,
        /// The rule as it stands.
        rule: String,
    },
}

/// The rules of a robots.txt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Robots {
    groups: Vec<Group>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Group {
    agents: Vec<String>,
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    verdict: Verdict,
    /// In canonical percent-encoding.
    pattern: String,
    line: u32,
    written: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Allow,
    Disallow,
}

impl Robots {
    /// Reads a robots.txt: any line ends, a byte order mark, odd case, blanks and comments anywhere.
    /// Lines that are no rule are passed over.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let end = text.floor_char_boundary(MAX_ROBOTS_BYTES.min(text.len()));
        let text = text.get(..end).unwrap_or_default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut groups: Vec<Group> = Vec::new();
        let mut naming = false;
        let unified = text.replace("\r\n", "\n");
        for (number, line) in (1_u32..).zip(unified.split(['\n', '\r'])) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if !naming {
                    groups.push(Group::default());
                }
                naming = true;
                if let Some(group) = groups.last_mut() {
                    let names = value.split(',').map(|name| name.trim().to_ascii_lowercase());
                    group.agents.extend(names.filter(|name| !name.is_empty()));
                }
                continue;
            }
            let verdict = match key.as_str() {
                "allow" => Verdict::Allow,
                "disallow" => Verdict::Disallow,
                "crawl-delay" => {
                    naming = false;
                    if let (Some(group), Ok(seconds)) = (groups.last_mut(), value.parse::<f64>())
                        && let Ok(delay) = Duration::try_from_secs_f64(seconds)
                    {
                        group.crawl_delay = Some(delay);
                    }
                    continue;
                }
                _ => continue,
            };
            naming = false;
            // An empty rule forbids nothing, and rules before any agent belong to nobody.
            if let Some(group) = groups.last_mut().filter(|_| !value.is_empty()) {
                let pattern = canonical(value);
                group.rules.push(Rule { verdict, pattern, line: number, written: value.to_owned() });
            }
        }
        Self { groups }
    }

    /// Whether a page may be used so. The path is canonical and carries its query.
    #[must_use]
    pub fn allows(&self, purpose: Use, path_and_query: &str) -> Ruling {
        for agent in self.agents(purpose) {
            let rules = self.groups_of(agent).flat_map(|group| &group.rules);
            let decisive = rules
                .filter(|rule| matches(&rule.pattern, path_and_query))
                .max_by_key(|rule| (rule.pattern.len(), rule.verdict == Verdict::Allow));
            if let Some(Rule { verdict: Verdict::Disallow, line, written, .. }) = decisive {
                return Ruling::Refused { line: *line, rule: written.clone() };
            }
        }
        Ruling::Allowed
    }

    /// The pause between requests that is asked for; the longest one that applies.
    #[must_use]
    pub fn crawl_delay(&self, purpose: Use) -> Option<Duration> {
        self.agents(purpose)
            .into_iter()
            .flat_map(|agent| self.groups_of(agent))
            .filter_map(|group| group.crawl_delay)
            .max()
    }

    /// The agents whose rules apply.
    fn agents(&self, purpose: Use) -> Vec<&'static str> {
        let mut agents = match self.groups_of("sextant").next() {
            Some(_) => vec!["sextant"],
            None => vec!["indexer", "*"],
        };
        match purpose {
            Use::Index => {}
            Use::Archive => agents.push("archiver"),
            Use::Proxy => agents.push("webproxy"),
        }
        agents
    }

    fn groups_of(&self, agent: &'static str) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.agents.iter().any(|name| name == agent))
    }
}

/// A rule's path in the encoding of canonical URLs, its marks kept.
fn canonical(rule: &str) -> String {
    let (body, end) = match rule.strip_suffix('$') {
        Some(body) => (body, "$"),
        None => (rule, ""),
    };
    format!("{}{end}", super::url::normalise(body))
}

/// Whether a pattern with `*` and `$` matches the beginning of a path. Linear in the path for each star.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let last = if to_the_end { parts.pop() } else { None };
    for part in parts {
        match rest.find(part) {
            Some(place) => rest = rest.get(place + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    match last {
        Some(last) => rest.ends_with(last),
        None => !to_the_end || rest.is_empty(),
    }
}
