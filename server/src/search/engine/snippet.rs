//! One line out of a page that shows the words in their context.

mod firsts;

use std::borrow::Cow;
use std::collections::HashMap;

use shared::gemini::media_type::Language;
use shared::gemini::text::OneLine;
use shared::index::analyzer::words::{Shape, Word, words};
use shared::index::analyzer::{Chain, place_term};

use self::firsts::Firsts;
use super::terms::Marks;
use crate::search::results::{Role, Snippet, Span};

/// Characters of a snippet.
const LENGTH: usize = 220;
/// Characters before the first match.
const LEAD: usize = 50;

/// Quotes the stretch of a page with the most different words of the query; without any, its beginning.
pub(super) fn quote(body: &str, title: &str, language: Option<&Language>, marks: &Marks) -> Snippet {
    let text = flow(body, title);
    let chain = Chain::of(language);
    let found: Vec<Match> = matches(&text, &chain, marks);
    let start = found.first().map_or(0, |_| best_start(&text, &found));
    let end = text[start..].char_indices().nth(LENGTH).map_or(text.len(), |(at, _)| start + at);
    let (start, end) = (word_start(&text, start), word_end(&text, start, end));
    let line = OneLine::new(&text[start..end]);
    let mut snippet = marked(&line, &chain, marks);
    if start > 0 {
        edge(&mut snippet.0, Edge::Front);
    }
    if end < text.trim_end().len() {
        edge(&mut snippet.0, Edge::Back);
    }
    snippet
}

/// A word of the query in a text.
struct Match {
    start: usize,
    end: usize,
    /// The same counted in characters.
    first_char: usize,
    end_char: usize,
    /// The term that it met, to count different words.
    term: String,
}

fn matches(text: &str, chain: &Chain, marks: &Marks) -> Vec<Match> {
    if marks.terms.is_empty() && marks.prefixes.is_empty() {
        return Vec::new();
    }
    looked_for(text, chain, marks, &Firsts::of(marks, chain))
}

fn looked_for(text: &str, chain: &Chain, marks: &Marks, firsts: &Firsts) -> Vec<Match> {
    let mut found = Vec::new();
    let mut terms = String::new();
    let (mut counted, mut chars, mut stretch_start) = (0, 0, 0);
    // No word goes on behind a space.
    for stretch in text.split(' ') {
        let offset = stretch_start;
        stretch_start += stretch.len() + 1;
        if !firsts.may_stand_in(stretch) {
            continue;
        }
        for word in words(stretch) {
            let Some(term) = met(&word, chain, marks, &mut terms) else { continue };
            let (start, end) = (offset + word.start, offset + word.end);
            let first_char = chars + text[counted..start].chars().count();
            chars = first_char + text[start..end].chars().count();
            counted = end;
            found.push(Match { start, end, first_char, end_char: chars, term });
            // Pairs of signs overlap: the next one is counted from its own beginning.
            if word.shape == Shape::Pair {
                (counted, chars) = (start, first_char);
            }
        }
    }
    found
}

/// The term by which a word is one of the query's; `terms` is room to write in.
fn met(word: &Word, chain: &Chain, marks: &Marks, terms: &mut String) -> Option<String> {
    terms.clear();
    chain.push_terms(std::slice::from_ref(word), terms);
    if let Some(term) = terms.lines().find(|term| marks.terms.contains(*term)) {
        return Some(term.to_owned());
    }
    if marks.prefixes.is_empty() {
        return None;
    }
    let placed = place_term(&word.plain);
    marks.prefixes.iter().find(|prefix| placed.starts_with(prefix.as_str())).cloned()
}

/// The text as one flow: link targets and signs at the beginning of lines are no prose, and neither is the
/// title again.
fn flow(body: &str, title: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut is_first = true;
    for line in body.lines() {
        let line = prose(line);
        let clean = if line.chars().any(is_unsafe) {
            Cow::Owned(line.chars().map(|c| if is_unsafe(c) { ' ' } else { c }).collect::<String>())
        } else {
            Cow::Borrowed(line)
        };
        let mut words = clean.split_whitespace().peekable();
        if words.peek().is_none() || (is_first && clean.trim() == title) {
            continue;
        }
        is_first = false;
        for word in words {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
    }
    text
}

/// A line without what makes it a heading, a link, a quote or a list.
fn prose(line: &str) -> &str {
    let line = line.trim();
    if let Some(link) = line.strip_prefix("=>") {
        return link.trim_start().split_once(char::is_whitespace).map_or("", |(_, label)| label);
    }
    if line.starts_with("```") {
        return "";
    }
    line.trim_start_matches(['#', '>', '*', '=', '-', '_', '~', '|', ' '])
}

/// Characters that could change what a reader sees, or end the line.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Where to begin so that most different words fall into the length of a snippet.
fn best_start(text: &str, found: &[Match]) -> usize {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut terms = Vec::with_capacity(found.len());
    for Match { term, .. } in found {
        let next = numbers.len();
        terms.push(*numbers.entry(term.as_str()).or_insert(next));
    }
    let mut inside = vec![0_u32; numbers.len()];
    let (mut different, mut best, mut next) = (0, (0, 0), 0);
    for (at, first) in found.iter().enumerate() {
        let fits = |last: &Match| last.end_char - first.first_char <= LENGTH - LEAD;
        while found.get(next).is_some_and(|last| next <= at || fits(last)) {
            different += usize::from(inside[terms[next]] == 0);
            inside[terms[next]] += 1;
            next += 1;
        }
        if different > best.0 {
            best = (different, first.start);
        }
        inside[terms[at]] -= 1;
        different -= usize::from(inside[terms[at]] == 0);
    }
    // A match near the beginning is best read from the beginning.
    let from = best.1;
    text[..from].char_indices().rev().nth(LEAD - 1).map_or(0, |(at, _)| at)
}

fn word_start(text: &str, start: usize) -> usize {
    if start == 0 {
        return 0;
    }
    // Without a space nearby (a script that has none) the cut is as good anywhere.
    text[start..]
        .char_indices()
        .take(LEAD / 2)
        .find(|(_, c)| *c == ' ')
        .map_or(start, |(at, _)| start + at + 1)
}

fn word_end(text: &str, start: usize, end: usize) -> usize {
    if end == text.len() {
        return end;
    }
    text[start..end]
        .char_indices()
        .rev()
        .take(LEAD / 2)
        .find(|(_, c)| *c == ' ')
        .map_or(end, |(at, _)| start + at)
}

/// The line in pieces; matches that overlap (pairs of signs) are one.
fn marked(line: &str, chain: &Chain, marks: &Marks) -> Snippet {
    let mut spans: Vec<Span> = Vec::new();
    let mut done = 0;
    for found in matches(line, chain, marks) {
        let start = found.start.max(done);
        if found.end <= done {
            continue;
        }
        if start > done {
            spans.push(Span { text: line[done..start].to_owned(), role: Role::Plain });
        }
        let piece = &line[start..found.end];
        match spans.last_mut() {
            Some(last) if last.role == Role::Match => last.text.push_str(piece),
            _ => spans.push(Span { text: piece.to_owned(), role: Role::Match }),
        }
        done = found.end;
    }
    if done < line.len() {
        spans.push(Span { text: line[done..].to_owned(), role: Role::Plain });
    }
    Snippet(spans)
}

#[derive(Clone, Copy)]
enum Edge {
    Front,
    Back,
}

/// Says that the text goes on.
fn edge(spans: &mut Vec<Span>, edge: Edge) {
    let (at, text) = match edge {
        Edge::Front => (0, "… "),
        Edge::Back => (spans.len(), " …"),
    };
    spans.insert(at, Span { text: text.to_owned(), role: Role::Plain });
}

#[cfg(test)]
mod tests;
