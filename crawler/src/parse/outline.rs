//! What a document of any format consists of.

use shared::store::id::ContentHash;
use unicode_normalization::UnicodeNormalization;

use super::art::{self, Block};

/// A document's parts. Bounded where a document could hold millions of them.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    /// Its headings.
    pub(super) headings: Vec<Heading<'a>>,
    /// All that is read as text, in its order: paragraphs, headings, labels of links, code.
    pub(super) prose: String,
    /// Pictures made of characters.
    pub(super) art: String,
    /// Alt texts that say something of what their block holds.
    pub(super) alt: Vec<&'a str>,
    /// Those of them that name a picture.
    pub(super) pictures: Vec<&'a str>,
    /// Its links as they were written.
    pub(super) links: Vec<Reference<'a>>,
}

/// A heading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heading<'a> {
    /// 1 to 3.
    pub(super) level: u8,
    /// Its text; never empty.
    pub(super) text: &'a str,
}

/// A link as it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference<'a> {
    /// The URL reference.
    pub(super) target: &'a str,
    /// The label, or nothing.
    pub(super) label: &'a str,
}

/// Headings that are kept.
const HEADINGS: usize = 500;
/// Alt texts that are kept.
const ALTS: usize = 200;
/// Link lines that are looked at. Of so many only the first 2,000 different targets count anyway.
const REFERENCES: usize = 20_000;

impl<'a> Outline<'a> {
    /// A line that is read as text.
    pub(super) fn say(&mut self, line: &str) {
        self.prose.push_str(line);
        self.prose.push('\n');
    }

    /// A heading, which is text too.
    pub(super) fn head(&mut self, level: u8, text: &'a str) {
        if text.is_empty() {
            return;
        }
        self.say(text);
        if self.headings.len() < HEADINGS {
            self.headings.push(Heading { level, text });
        }
    }

    /// A link; its label is text.
    pub(super) fn point(&mut self, target: &'a str, label: &'a str) {
        if !label.is_empty() {
            self.say(label);
        }
        self.refer(target, label);
    }

    /// A link whose label stands in the text already.
    pub(super) fn refer(&mut self, target: &'a str, label: &'a str) {
        if self.links.len() < REFERENCES {
            self.links.push(Reference { target, label });
        }
    }

    /// A preformatted block with its alt text: art is kept apart, code and tables are text.
    pub(super) fn block(&mut self, lines: &[&str], alt: Option<&'a str>) {
        let kind = art::judge(lines, alt);
        if let Some(alt) = alt
            && self.alt.len() < ALTS
            && !art::names_code(alt)
        {
            self.alt.push(alt);
            if kind == Block::Art {
                self.pictures.push(alt);
            }
        }
        let into = match kind {
            Block::Art => &mut self.art,
            Block::Table | Block::Code => &mut self.prose,
        };
        for line in lines {
            into.push_str(line);
            into.push('\n');
        }
    }

    /// The hash by which a change is known: over words and links as they are written, so that neither layout
    /// nor the place of a mirror makes a difference.
    pub(super) fn hash(&self) -> ContentHash {
        let mut hasher = blake3::Hasher::new();
        for text in [&self.prose, &self.art] {
            hash_words(&mut hasher, text);
            hasher.update(b"\n");
        }
        for link in &self.links {
            hasher.update(link.target.as_bytes());
            hasher.update(b"\n");
        }
        ContentHash(hasher.finalize().into())
    }
}

/// Feeds the words of a text, whatever their case, form and the marks between them. A text without words (a
/// picture of slashes) is fed as it stands.
fn hash_words(hasher: &mut blake3::Hasher, text: &str) {
    let mut words = String::with_capacity(text.len() + 1);
    for raw in text.split(|character: char| !character.is_alphanumeric()).filter(|raw| !raw.is_empty()) {
        let begins = words.len();
        if raw.is_ascii() {
            words.push_str(raw);
            if let Some(word) = words.get_mut(begins..) {
                word.make_ascii_lowercase();
            }
        } else {
            words.extend(raw.nfkc().flat_map(char::to_lowercase));
        }
        words.push(' ');
    }
    hasher.update(if words.is_empty() { text.trim() } else { &words }.as_bytes());
}
