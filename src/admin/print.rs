//! A board of the desk on a terminal: plain lines, a name before each.

use std::fmt::Write as _;

use server::desk::board::{Block, Board, Mood, Row};
use shared::gemini::text::OneLine;

/// Columns of a name.
const NAME: usize = 24;

/// The board's lines, without an end of line behind the last.
pub(super) fn printed(board: &Board) -> String {
    let mut out = format!("{}{}\n", sign(board.mood), line(&board.verdict));
    for part in &board.parts {
        if !part.heading.is_empty() {
            // Writing into a string cannot fail.
            let _written = writeln!(out, "\n{}", line(&part.heading));
        }
        for block in &part.blocks {
            print(&mut out, block);
        }
    }
    if board.next.is_some() {
        out.push_str("\n(there is more: --part N)\n");
    }
    out.truncate(out.trim_end().len());
    out
}

fn print(out: &mut String, block: &Block) {
    let mut fact = |name: &str, value: &str| {
        let (name, value) = (line(name), line(value));
        let _written = writeln!(out, "  {name:<NAME$} {value}");
    };
    match block {
        Block::Text(text) => {
            let _written = writeln!(out, "  {}", line(text));
        }
        Block::Cards(cards) => {
            for card in cards {
                let more = if card.more.is_empty() { String::new() } else { format!(", {}", card.more) };
                fact(card.name, &format!("{}{more}", card.value));
            }
        }
        Block::Facts(facts) => facts.iter().for_each(|(name, value)| fact(name, value)),
        Block::Rows(rows) => rows.iter().for_each(|row| print_row(out, row)),
        Block::Plot(plot) => {
            fact(&plot.name, &plot.blocks());
            fact("", &plot.told);
        }
    }
}

fn print_row(out: &mut String, row: &Row) {
    let facts: Vec<String> = row.facts.iter().map(|fact| line(fact)).collect();
    let _written = writeln!(out, "  {}{}", sign(row.mood), line(&row.text));
    if !facts.is_empty() {
        let _written = writeln!(out, "      {}", facts.join(", "));
    }
}

const fn sign(mood: Mood) -> &'static str {
    mood.sign()
}

/// Nothing of a page commands a terminal.
fn line(text: &str) -> String {
    OneLine::new(text).to_string()
}
