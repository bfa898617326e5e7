//! Every field of the index, and why it is there.
//!
//! The schema has a number. It stands in the name of each generation's folder and in each checkpoint: an
//! index of another number is rebuilt, never opened.

use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, STORED, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{Index, Term};

use super::analyzer::SAME_PLACE;
use crate::gemini::site::Site;
use crate::gemini::url::GeminiUrl;
use crate::store::id::PageId;

/// Raised whenever a field or the analysis changes.
pub const SCHEMA_VERSION: u32 = 4;

/// The one tokenizer: it takes lines of terms apart that the analyzer has made.
pub const TOKENIZER: &str = "lines";

/// The fields, by what they are for.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// All words of a page, weighted by repetition; the field that scores. No places: BM25F costs one
    /// posting list a term.
    pub words: Field,
    /// The title's words with their places: phrases, proximity, `intitle:`.
    pub title: Field,
    /// The body's words with their places: phrases, proximity, prefixes.
    pub body: Field,
    /// The URL's words with their places: `inurl:`.
    pub url_words: Field,
    /// The whole URL without its scheme: removals and `linkto:` go by it.
    pub url: Field,
    /// The capsule, each folder on the way and the URL: `site:`.
    pub place: Field,
    /// The host and each parent domain of it: `domain:`.
    pub domain: Field,
    /// The site, as a term to count and list.
    pub site: Field,
    /// The language: `lang:`, and which languages the index holds.
    pub language: Field,
    /// The charset: `charset:`.
    pub charset: Field,
    /// The media type, its halves and the extension (`.gmi`): `type:`.
    pub media: Field,
    /// The kind: `kind:`. A page with ASCII art that has a name is of that kind besides its own.
    pub kind: Field,
    /// URLs, sites and capsules that the page links to: `linkto:`.
    pub links: Field,
    /// The page's id: by it a page is replaced and removed, and finds its in-links.
    pub page: Field,
    /// The change that this state of the page came with.
    pub change: Field,
    /// The first bytes of the content's hash: copies collapse by it, `verify` compares it.
    pub content: Field,
    /// The [`key`] of the site: two of each site in a list, authority.
    pub site_key: Field,
    /// The site's key again, on its front page only: who asks for a site by name wants this page.
    pub front: Field,
    /// The key of the title as a name: the exact title first.
    pub title_key: Field,
    /// Folders between the page and its site's front page.
    pub depth: Field,
    /// How the URL ends, see [`Form`].
    pub form: Field,
    /// The kind's place among all kinds, for ranking.
    pub kind_code: Field,
    /// The language's code as a [`packed`] number, to count languages without opening a page.
    pub language_code: Field,
    /// Words of the body: a page of three words is rarely what is looked for.
    pub length: Field,
    /// How much of the page is labels of links, in percent: a list of links is a way, not a goal.
    pub listing: Field,
    /// Size in bytes, where known: `size:`.
    pub size: Field,
    /// When it was first seen, in seconds.
    pub first_seen: Field,
    /// When its words last changed, in seconds: `before:`, `after:`, freshness.
    pub changed: Field,
    /// What a result shows, so that no search needs the database.
    pub shown: Field,
}

impl Fields {
    /// The fields of the schema.
    #[must_use]
    pub fn new() -> Self {
        build().1
    }

    /// The term of a page's id.
    #[must_use]
    pub fn page_term(&self, page: PageId) -> Term {
        Term::from_field_i64(self.page, page.0)
    }

    /// The term of a page's URL: ids may be given anew after a restore, URLs not.
    #[must_use]
    pub fn url_term(&self, url: &GeminiUrl) -> Term {
        Term::from_field_text(self.url, without_scheme(url))
    }

    /// The term that all pages of a site have.
    #[must_use]
    pub fn site_term(&self, site: &Site) -> Term {
        Term::from_field_text(self.site, &site.to_string())
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self::new()
    }
}

/// How a page's URL ends. Of the same text under several, the folder's is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// With a slash.
    Folder = 0,
    /// With a name.
    Name = 1,
    /// With the name of a folder's index.
    Index = 2,
}

impl Form {
    /// The form of a path.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or_default();
        match name {
            "" => Self::Folder,
            "index.gmi" | "index.gemini" | "index.md" | "index.txt" => Self::Index,
            _ => Self::Name,
        }
    }
}

/// The schema itself.
#[must_use]
pub fn schema() -> Schema {
    build().0
}

/// Teaches an index that was just created or opened its tokenizer.
pub fn equip(index: &Index) {
    index.tokenizers().register(TOKENIZER, TextAnalyzer::builder(Lines).build());
}

/// A number for a name: equal names have equal numbers, and a fast field holds it.
#[must_use]
pub fn key(name: &str) -> u64 {
    number(blake3::hash(name.as_bytes()).as_bytes())
}

/// The first bytes of a hash as a number.
#[must_use]
pub fn number(hash: &[u8; 32]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    u64::from_le_bytes(first)
}

/// A short name of up to eight bytes (a language's tag) as a number that it can be [`unpacked`] from.
#[must_use]
pub fn packed(tag: &str) -> u64 {
    let mut bytes = [0; 8];
    let length = tag.len().min(bytes.len());
    bytes[..length].copy_from_slice(&tag.as_bytes()[..length]);
    u64::from_be_bytes(bytes)
}

/// The name in a [`packed`] number; none in 0.
#[must_use]
pub fn unpacked(number: u64) -> Option<String> {
    let bytes: Vec<u8> = number.to_be_bytes().into_iter().take_while(|byte| *byte != 0).collect();
    String::from_utf8(bytes).ok().filter(|tag| !tag.is_empty())
}

/// A URL as the index spells it.
#[must_use]
pub fn without_scheme(url: &GeminiUrl) -> &str {
    let text = url.as_str();
    text.strip_prefix("gemini://").unwrap_or(text)
}

/// The URL that the index spells so.
#[must_use]
pub fn with_scheme(spelled: &str) -> Option<GeminiUrl> {
    GeminiUrl::parse(&format!("gemini://{spelled}")).ok()
}

fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let fields = Fields {
        words: analysed(&mut schema, "words", IndexRecordOption::WithFreqs),
        title: analysed(&mut schema, "title", IndexRecordOption::WithFreqsAndPositions),
        body: analysed(&mut schema, "body", IndexRecordOption::WithFreqsAndPositions),
        url_words: analysed(&mut schema, "url_words", IndexRecordOption::WithFreqsAndPositions),
        url: exact(&mut schema, "url"),
        place: exact(&mut schema, "place"),
        domain: exact(&mut schema, "domain"),
        site: exact(&mut schema, "site"),
        language: exact(&mut schema, "language"),
        charset: exact(&mut schema, "charset"),
        media: exact(&mut schema, "media"),
        kind: exact(&mut schema, "kind"),
        links: exact(&mut schema, "links"),
        page: schema.add_i64_field("page", NumericOptions::default().set_fast().set_indexed()),
        change: schema.add_i64_field("change", NumericOptions::default().set_fast()),
        content: schema.add_u64_field("content", NumericOptions::default().set_fast()),
        site_key: schema.add_u64_field("site_key", NumericOptions::default().set_fast()),
        front: schema.add_u64_field("front", NumericOptions::default().set_indexed()),
        title_key: schema.add_u64_field("title_key", NumericOptions::default().set_fast().set_indexed()),
        depth: schema.add_u64_field("depth", NumericOptions::default().set_fast()),
        form: schema.add_u64_field("form", NumericOptions::default().set_fast()),
        kind_code: schema.add_u64_field("kind_code", NumericOptions::default().set_fast()),
        language_code: schema.add_u64_field("language_code", NumericOptions::default().set_fast()),
        length: schema.add_u64_field("length", NumericOptions::default().set_fast()),
        listing: schema.add_u64_field("listing", NumericOptions::default().set_fast()),
        size: schema.add_u64_field("size", NumericOptions::default().set_fast()),
        first_seen: schema.add_i64_field("first_seen", NumericOptions::default().set_fast()),
        changed: schema.add_i64_field("changed", NumericOptions::default().set_fast()),
        shown: schema.add_text_field("shown", STORED),
    };
    (schema.build(), fields)
}

/// A field of lines of terms. Only the field that scores keeps its length.
fn analysed(schema: &mut SchemaBuilder, name: &str, record: IndexRecordOption) -> Field {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(TOKENIZER)
        .set_index_option(record)
        .set_fieldnorms(record == IndexRecordOption::WithFreqs);
    schema.add_text_field(name, TextOptions::default().set_indexing_options(indexing))
}

/// A field of whole words to filter by.
fn exact(schema: &mut SchemaBuilder, name: &str) -> Field {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    schema.add_text_field(name, TextOptions::default().set_indexing_options(indexing))
}

/// Takes lines of terms apart; each line is a place further, unless it begins with [`SAME_PLACE`].
#[derive(Clone)]
struct Lines;

struct LinesStream<'a> {
    rest: &'a str,
    next_position: usize,
    token: Token,
}

impl Tokenizer for Lines {
    type TokenStream<'a> = LinesStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> LinesStream<'a> {
        LinesStream { rest: text, next_position: 0, token: Token::default() }
    }
}

impl TokenStream for LinesStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((line, rest)) = self.rest.split_once('\n') else { return false };
        self.rest = rest;
        self.token.text.clear();
        if let Some(beside) = line.strip_prefix(SAME_PLACE) {
            self.token.text.push_str(beside);
        } else {
            self.token.text.push_str(line);
            self.token.position = self.next_position;
            self.next_position += 1;
        }
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_tokens_in_their_places() {
        let mut stream = Lines;
        let mut stream = stream.token_stream("houses\n\u{1}en:hous\ncat\n");
        let mut found = Vec::new();
        while stream.advance() {
            found.push((stream.token().text.clone(), stream.token().position));
        }
        assert_eq!(found, [("houses".to_owned(), 0), ("en:hous".to_owned(), 0), ("cat".to_owned(), 1)]);
    }

    #[test]
    fn a_tag_comes_back_out_of_its_number() {
        for tag in ["de", "und", "zh", "abcdefgh"] {
            assert_eq!(unpacked(packed(tag)).as_deref(), Some(tag));
        }
        assert_eq!(unpacked(packed("")), None);
    }

    #[test]
    fn the_fields_are_those_of_the_schema() {
        let (schema, fields) = (schema(), Fields::new());
        assert_eq!(schema.get_field("words").unwrap(), fields.words);
        assert_eq!(schema.get_field("shown").unwrap(), fields.shown);
    }
}
