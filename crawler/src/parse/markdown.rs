//! Markdown to an outline: headings, links and words. Other marks stay in the prose as they are; whoever
//! reads the text sees what the author wrote.

use super::outline::Outline;

/// Walks the lines once.
pub(super) fn outline(document: &str) -> Outline<'_> {
    let mut outline = Outline::default();
    let mut block: Option<Vec<&str>> = None;
    for line in document.lines() {
        if line.starts_with("```") || line.starts_with("~~~") {
            match block.take() {
                Some(lines) => outline.block(&lines, None),
                None => block = Some(Vec::new()),
            }
        } else if let Some(lines) = &mut block {
            lines.push(line);
        } else if let Some((level, text)) = heading(line) {
            outline.head(level, text);
        } else {
            inline(line, &mut outline);
        }
    }
    if let Some(lines) = block {
        outline.block(&lines, None);
    }
    outline
}

/// `# Text #`, of one to six signs; the lower levels count as the third.
fn heading(line: &str) -> Option<(u8, &str)> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    let is_heading = (1..=6).contains(&level) && text.starts_with([' ', '\t']);
    is_heading
        .then(|| (u8::try_from(level.min(3)).unwrap_or(3), text.trim().trim_end_matches('#').trim_end()))
}

/// A line of text with its links: `[label](target "title")`, `![alt](target)`, `<target>`, `[name]: target`.
fn inline<'a>(line: &'a str, outline: &mut Outline<'a>) {
    if let Some((name, target)) = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
        return outline.point(first_word(target), name);
    }
    let mut prose = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(open) = rest.find(['[', '<']) {
        let (before, from) = rest.split_at(open);
        prose.push_str(before);
        match link(from) {
            Some(found) => {
                prose.push_str(found.label);
                outline.refer(found.target, found.label);
                rest = found.rest;
            }
            None => {
                // Both marks are one byte long.
                let (mark, after) = from.split_at(1);
                prose.push_str(mark);
                rest = after;
            }
        }
    }
    prose.push_str(rest);
    outline.say(&prose);
}

/// A link at the very beginning of a text.
struct Link<'a> {
    target: &'a str,
    label: &'a str,
    rest: &'a str,
}

/// A link is looked for within so many bytes: a URL has 1,024 at most.
const LONGEST: usize = 1_200;

fn link(text: &str) -> Option<Link<'_>> {
    let window = text.get(..text.floor_char_boundary(LONGEST))?;
    if let Some(inner) = window.strip_prefix('<') {
        let (target, _) = inner.split_once('>')?;
        let is_address = target.contains("://") && !target.contains(char::is_whitespace);
        let rest = text.get(target.len() + 2..)?;
        return is_address.then_some(Link { target, label: "", rest });
    }
    // A label that meets another bracket is none: so no byte is looked at by two of them.
    let inner = window.strip_prefix('[')?;
    let (label, after) = inner.split_at(inner.find(['[', ']'])?);
    let (inside, _) = after.strip_prefix("](")?.split_once(')')?;
    let rest = text.get(label.len() + inside.len() + 4..)?;
    Some(Link { target: first_word(inside), label, rest })
}

/// The target without a title behind it, and without angle brackets around it.
fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default().trim_start_matches('<').trim_end_matches('>')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(document: &str, prose: &str, links: &[(&str, &str)]) {
        let outline = outline(document);
        assert_eq!(outline.prose, prose);
        let found: Vec<_> = outline.links.iter().map(|link| (link.target, link.label)).collect();
        assert_eq!(found, links);
    }

    #[test]
    fn links_of_all_forms_are_found_and_their_labels_are_prose() {
        check(
            "See [my log](log/ \"Log\") and ![a cat](cat.png).",
            "See my log and !a cat.\n",
            &[("log/", "my log"), ("cat.png", "a cat")],
        );
        check("At <gemini://example.org/> too", "At  too\n", &[("gemini://example.org/", "")]);
        check("[one]: gemini://example.org/ 'One'", "one\n", &[("gemini://example.org/", "one")]);
        check("[a] (b) [c](d", "[a] (b) [c](d\n", &[]);
        check("1 < 2 and 3 > 2", "1 < 2 and 3 > 2\n", &[]);
    }

    #[test]
    fn headings_have_a_blank_after_their_signs() {
        let outline = outline("# One #\n#### Four\n#hashtag\n");
        let found: Vec<_> = outline.headings.iter().map(|heading| (heading.level, heading.text)).collect();
        assert_eq!(found, [(1, "One"), (3, "Four")]);
    }

    #[test]
    fn links_in_a_block_of_code_are_none() {
        check("```\nlet x = [a](b);\n```\n", "let x = [a](b);\n", &[]);
    }
}
