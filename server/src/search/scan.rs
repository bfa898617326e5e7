//! The forgiving scanner: from what a person typed to a query.
//!
//! It is bounded before anything else sees the text: 512 characters, 32 words (of three pairs of signs in a
//! script without spaces), three of them with `*`, 32 limits, nesting 8. Nothing is an error: an operator whose
//! value makes no sense is searched as words, an unclosed quote or parenthesis ends with the text, and what was
//! done instead is said in a note.

mod lexer;

use shared::gemini::text::OneLine;
use shared::index::analyzer::words::{Shape, Word};
use shared::index::analyzer::{name, query_words};

use self::lexer::{Lexeme, lex, placed};
use super::note::Note;
use super::query::{Filter, Group, Node, Placed, Query, Term, address};

const CHARACTERS: usize = 512;
const WORDS: usize = 32;
/// Pairs of signs that cost as much as a word: a word of a script without spaces is some signs long.
const SIGNS: usize = 3;
/// Words with `*`: each may be the beginning of half the words that there are.
const BEGINNINGS: usize = 3;
const FILTERS: usize = 32;
const NESTING: usize = 8;

/// Understands a text.
pub(crate) fn scan(text: &str) -> Query {
    let mut notes = Vec::new();
    let end = text.char_indices().nth(CHARACTERS).map(|(at, _)| at);
    if end.is_some() {
        notes.push(Note::Shortened);
    }
    let text = &text[..end.unwrap_or(text.len())];
    let lexemes = lex(text);
    let only_words = lexemes.iter().all(|lexeme| matches!(lexeme, Lexeme::Text(_) | Lexeme::Quoted(_)));
    let mut scanner =
        Scanner { lexemes: lexemes.into_iter().peekable(), notes, words: 0, beginnings: 0, filters: 0 };
    let group = scanner.group(0);
    let mut notes = scanner.notes;
    if group.is_empty() {
        notes.push(Note::NothingToSearch);
    }
    let mut unique: Vec<Note> = Vec::new();
    for note in notes {
        if !unique.contains(&note) {
            unique.push(note);
        }
    }
    let name = if only_words { name(text) } else { None };
    let address = if only_words { address(text) } else { None };
    Query { group, name, address, shown: shown(text), notes: unique }
}

/// A text that is nothing but conditions, all of them understood.
pub(crate) fn limits(text: &str) -> Option<Group> {
    let query = scan(text);
    query.notes.is_empty().then_some(query.group)
}

/// The parts of a text that may be limits of the whole of it, each with the text that is left without it. What stands
/// in parentheses or beside an OR limits only a part, and is none.
pub(crate) fn conditions(text: &str) -> Vec<(String, String)> {
    let end = text.char_indices().nth(CHARACTERS).map_or(text.len(), |(at, _)| at);
    let signs = placed(&text[..end]);
    let is_or = |place: Option<usize>| {
        place.and_then(|place| signs.get(place)).is_some_and(|(sign, _)| matches!(sign, Lexeme::Or(_)))
    };
    let (mut found, mut depth) = (Vec::new(), 0_usize);
    for (place, (sign, at)) in signs.iter().enumerate() {
        match sign {
            Lexeme::Open => depth += 1,
            Lexeme::Close => depth = depth.saturating_sub(1),
            Lexeme::Field { written, .. } if depth == 0 => {
                let not = place.checked_sub(1).filter(|before| matches!(signs[*before].0, Lexeme::Not(_)));
                let first = not.unwrap_or(place);
                if is_or(first.checked_sub(1)) || is_or(Some(place + 1)) {
                    continue;
                }
                let before = text[..signs[first].1.start].trim_end();
                let rest = format!("{before} {}", text[at.end..].trim_start());
                let sense = if not.is_some() { "-" } else { "" };
                found.push((format!("{sense}{written}"), rest.trim().to_owned()));
            }
            Lexeme::And
            | Lexeme::Or(_)
            | Lexeme::Not(_)
            | Lexeme::Text(_)
            | Lexeme::Quoted(_)
            | Lexeme::Field { .. } => {}
        }
    }
    found
}

/// The parts of a text that each may be a limit.
pub(crate) fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut sense = "";
    for lexeme in lex(text) {
        let written = match lexeme {
            Lexeme::Not(_) => {
                sense = "-";
                continue;
            }
            Lexeme::Field { written, .. } => written,
            Lexeme::Text(text) | Lexeme::Quoted(text) | Lexeme::Or(text) => text,
            Lexeme::Open => "(".to_owned(),
            Lexeme::Close => ")".to_owned(),
            Lexeme::And => continue,
        };
        pieces.push(format!("{sense}{written}"));
        sense = "";
    }
    pieces
}

/// The query on one line, whole: a line that is safe to show holds at most 1,024 bytes, so take it in pieces.
fn shown(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let pieces: Vec<String> = chars.chunks(256).map(|piece| piece.iter().collect()).collect();
    let mut shown = String::new();
    for piece in pieces {
        if piece.starts_with(char::is_whitespace) && !shown.is_empty() {
            shown.push(' ');
        }
        shown.push_str(OneLine::new(&piece).as_str());
        if piece.ends_with(char::is_whitespace) {
            shown.push(' ');
        }
    }
    shown.trim().to_owned()
}

struct Scanner {
    lexemes: std::iter::Peekable<std::vec::IntoIter<Lexeme>>,
    notes: Vec<Note>,
    words: usize,
    beginnings: usize,
    filters: usize,
}

impl Scanner {
    /// Conditions up to the closing parenthesis, or to the end.
    fn group(&mut self, depth: usize) -> Group {
        let mut group = Group::default();
        // Parentheses that are too deep to be followed; their closing ones close nothing.
        let mut ignored = 0_usize;
        while let Some(lexeme) = self.lexemes.next() {
            match lexeme {
                Lexeme::Close if ignored > 0 => ignored -= 1,
                Lexeme::Close if depth > 0 => return group,
                Lexeme::Close | Lexeme::And => {}
                Lexeme::Open if depth >= NESTING => {
                    self.notes.push(Note::TooDeep);
                    ignored += 1;
                }
                Lexeme::Or(written) => self.notes.push(Note::LeftOut(written)),
                first => self.alternatives(first, depth, &mut group),
            }
        }
        group
    }

    /// One condition with all its alternatives: `a OR b OR c`.
    fn alternatives(&mut self, first: Lexeme, depth: usize, group: &mut Group) {
        let mut operand = self.operand(first, depth);
        if !matches!(self.lexemes.peek(), Some(Lexeme::Or(_))) {
            operand.add_to(group);
            return;
        }
        let mut nodes = Vec::new();
        loop {
            nodes.extend(operand.into_node());
            let Some(or) = self.lexemes.next_if(|next| matches!(next, Lexeme::Or(_))) else { break };
            let fits = |next: &Lexeme| match next {
                Lexeme::Open => depth < NESTING,
                Lexeme::Not(_) | Lexeme::Text(_) | Lexeme::Quoted(_) | Lexeme::Field { .. } => true,
                Lexeme::Close | Lexeme::And | Lexeme::Or(_) => false,
            };
            let Some(next) = self.lexemes.next_if(fits) else {
                if let Lexeme::Or(written) = or {
                    self.notes.push(Note::LeftOut(written));
                }
                break;
            };
            operand = self.operand(next, depth);
        }
        match nodes.len() {
            0 => {}
            1 => nodes.into_iter().for_each(|node| group.push(node)),
            _ => group.wanted.push(Node::Any(nodes)),
        }
    }

    /// One condition, with or without a `-` before it.
    fn operand(&mut self, first: Lexeme, depth: usize) -> Operand {
        match first {
            Lexeme::Not(written) => {
                let fits = |next: &Lexeme| match next {
                    Lexeme::Open => depth < NESTING,
                    Lexeme::Text(_) | Lexeme::Quoted(_) | Lexeme::Field { .. } | Lexeme::Not(_) => true,
                    Lexeme::Close | Lexeme::And | Lexeme::Or(_) => false,
                };
                // Of several `-` in a row one counts.
                let mut next = self.lexemes.next_if(fits);
                while matches!(next, Some(Lexeme::Not(_))) {
                    next = self.lexemes.next_if(fits);
                }
                match next {
                    Some(next) => Operand { nodes: self.atom(next, depth), polarity: Polarity::Without },
                    None => {
                        self.notes.push(Note::LeftOut(written));
                        Operand { nodes: Vec::new(), polarity: Polarity::Wanted }
                    }
                }
            }
            other => Operand { nodes: self.atom(other, depth), polarity: Polarity::Wanted },
        }
    }

    fn atom(&mut self, lexeme: Lexeme, depth: usize) -> Vec<Node> {
        match lexeme {
            Lexeme::Open => {
                let group = self.group(depth + 1);
                if group.is_empty() { Vec::new() } else { vec![Node::Group(group)] }
            }
            Lexeme::Text(text) => self.words(&text),
            Lexeme::Quoted(text) => self.phrase(&text),
            Lexeme::Field { name, value, written } => self.field(&name, &value, &written),
            Lexeme::Close | Lexeme::And | Lexeme::Or(_) | Lexeme::Not(_) => Vec::new(),
        }
    }

    fn field(&mut self, field: &str, value: &str, written: &str) -> Vec<Node> {
        if self.filters >= FILTERS {
            self.notes.push(Note::TooManyWords);
            return Vec::new();
        }
        self.filters += 1;
        let filter = match field {
            "intitle" | "title" => Some(self.placed(value)).filter(|p| !p.is_empty()).map(Filter::Title),
            "inurl" | "url" => Some(self.placed(value)).filter(|p| !p.is_empty()).map(Filter::Url),
            _ => Filter::parse(field, value),
        };
        match filter {
            Some(filter) => vec![Node::Filter(filter)],
            None => {
                self.notes.push(Note::NotUnderstood(OneLine::new(written).as_str().to_owned()));
                self.words(value)
            }
        }
    }

    /// The words of a text between spaces; several, where it is a run or has signs in it.
    fn words(&mut self, text: &str) -> Vec<Node> {
        let (text, is_prefix) = match text.strip_suffix('*') {
            Some(beginning) => (beginning.trim_end_matches('*'), true),
            None => (text, false),
        };
        let mut found = query_words(text);
        self.bound(&mut found);
        let mut nodes = Vec::new();
        let mut at = 0;
        while at < found.len() {
            let word = &found[at];
            let (node, taken) = match word.shape {
                Shape::Whole => match &word.joined {
                    Some(joined) if at + joined.words <= found.len() => {
                        let words = found[at..at + joined.words].iter().map(Term::of).collect();
                        let joined_term =
                            Term { plain: joined.plain.clone(), script: word.script, parts: Vec::new() };
                        (Node::Hyphened { words, joined: joined_term }, joined.words)
                    }
                    Some(_) | None => (Node::Word(Term::of(word)), 1),
                },
                Shape::Single | Shape::Tail => (Node::Sign(Term::of(word)), 1),
                Shape::Pair => {
                    let overlapping = found[at..]
                        .windows(2)
                        .take_while(|pair| pair[1].shape == Shape::Pair && pair[1].start < pair[0].end)
                        .count();
                    (Node::Run(found[at..=at + overlapping].iter().map(Term::of).collect()), overlapping + 1)
                }
            };
            nodes.push(node);
            at += taken;
        }
        if is_prefix && let Some(Node::Word(term)) = nodes.pop_if(|last| matches!(last, Node::Word(_))) {
            nodes.push(self.beginning(term));
        }
        nodes
    }

    /// A word that ends with `*`: whatever begins so, unless that is too much.
    fn beginning(&mut self, term: Term) -> Node {
        if term.plain.chars().nth(1).is_none() {
            self.notes.push(Note::ShortBeginning(term.plain.clone()));
            Node::Word(term)
        } else if self.beginnings < BEGINNINGS {
            self.beginnings += 1;
            Node::Prefix(term)
        } else {
            self.notes.push(Note::TooManyBeginnings);
            Node::Word(term)
        }
    }

    fn phrase(&mut self, text: &str) -> Vec<Node> {
        let placed = self.placed(text);
        if placed.is_empty() { Vec::new() } else { vec![Node::Phrase(placed)] }
    }

    fn placed(&mut self, text: &str) -> Vec<Placed> {
        let mut found = query_words(text);
        self.bound(&mut found);
        let first = found.first().map_or(0, |word| word.position);
        found
            .iter()
            .map(|word| Placed { term: Term::of(word), offset: (word.position - first) as usize })
            .collect()
    }

    fn bound(&mut self, found: &mut Vec<Word>) {
        let mut cost = 0;
        let left = (WORDS - self.words) * SIGNS;
        let fitting = found
            .iter()
            .take_while(|word| {
                cost += match word.shape {
                    Shape::Pair => 1,
                    Shape::Whole | Shape::Single | Shape::Tail => SIGNS,
                };
                cost <= left
            })
            .count();
        if fitting < found.len() {
            found.truncate(fitting);
            self.notes.push(Note::TooManyWords);
            cost = left;
        }
        self.words += cost.div_ceil(SIGNS);
    }
}

/// Whether a condition is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Polarity {
    Wanted,
    Without,
}

struct Operand {
    nodes: Vec<Node>,
    polarity: Polarity,
}

impl Operand {
    fn add_to(mut self, group: &mut Group) {
        match self.polarity {
            Polarity::Wanted => self.nodes.drain(..).for_each(|node| match node {
                // Parentheses around words only are punctuation.
                Node::Group(inner) if inner.filters.is_empty() && inner.without.is_empty() => {
                    group.wanted.extend(inner.wanted);
                }
                other => group.push(other),
            }),
            // `-example.org` is without both words together, not without each.
            Polarity::Without => group.without.extend(together(self.nodes)),
        }
    }

    fn into_node(self) -> Option<Node> {
        let node = together(self.nodes)?;
        Some(match self.polarity {
            Polarity::Wanted => node,
            Polarity::Without => Node::Group(Group { without: vec![node], ..Group::default() }),
        })
    }
}

/// Several nodes of one text as one.
fn together(mut nodes: Vec<Node>) -> Option<Node> {
    if nodes.len() > 1 {
        let mut group = Group::default();
        nodes.into_iter().for_each(|node| group.push(node));
        Some(Node::Group(group))
    } else {
        nodes.pop()
    }
}

#[cfg(test)]
mod tests;
