//! Gemtext to an outline.

use shared::gemini::gemtext::{Line, lines};

use super::outline::Outline;

/// Walks the lines once.
pub(super) fn outline(document: &str) -> Outline<'_> {
    let mut outline = Outline::default();
    let mut block: Option<Block<'_>> = None;
    for line in lines(document) {
        match line {
            Line::Text(text) | Line::ListItem(text) | Line::Quote(text) => outline.say(text),
            Line::Heading { level, text } => outline.head(level, text),
            Line::Link { target, label } => outline.point(target, label.unwrap_or_default()),
            Line::PreformatToggle { alt } => match block.take() {
                Some(ended) => outline.block(&ended.lines, ended.alt),
                None => block = Some(Block { alt, lines: Vec::new() }),
            },
            Line::Preformatted(text) => {
                if let Some(open) = &mut block {
                    open.lines.push(text);
                }
            }
        }
    }
    // A document may end inside of a block.
    if let Some(open) = block {
        outline.block(&open.lines, open.alt);
    }
    outline
}

/// A preformatted block that has not ended yet.
struct Block<'a> {
    alt: Option<&'a str>,
    lines: Vec<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_headings_and_labels_are_prose_in_their_order_and_addresses_are_not() {
        let outline = outline("# Title\nHello\n=> /a The label\n=> /b\n* item\n> said\n## Sub\n#### x\n");
        assert_eq!(outline.prose, "Title\nHello\nThe label\nitem\nsaid\nSub\n# x\n");
        let targets: Vec<_> = outline.links.iter().map(|link| (link.target, link.label)).collect();
        assert_eq!(targets, [("/a", "The label"), ("/b", "")]);
    }

    #[test]
    fn art_stands_apart_from_prose_and_code_does_not() {
        let outline = outline(
            "```a cat\n /\\_/\\  =^.^= \n( o.o ) > ^ <\n```\n```rust\nfn main() { run(); }\n```\nend",
        );
        assert_eq!(outline.prose, "fn main() { run(); }\nend\n");
        assert!(outline.art.contains("( o.o )"));
        assert_eq!(outline.alt, ["a cat"]);
    }

    #[test]
    fn links_inside_a_block_are_no_links_and_a_block_may_stay_open() {
        let outline = outline("=> /a A\n```\n=> /b B\nsome words in a block that is never closed");
        assert_eq!(outline.links.len(), 1);
        assert!(outline.prose.contains("never closed"));
    }
}
