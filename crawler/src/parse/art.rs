//! What a preformatted block is: a picture made of characters, a table, or code.
//!
//! Only a picture is kept apart from the prose: words in code and tables are words that people look for. In doubt it
//! is code, for then no word is lost. What the author calls the block counts more than how it looks.

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// A picture.
    Art,
    /// Columns of words or numbers.
    Table,
    /// Code, and anything else that is read as it stands.
    Code,
}

/// Judges by the block's lines, of which the first [`LINES`] are looked at, and by its alt text.
pub(super) fn judge(lines: &[&str], alt: Option<&str>) -> Block {
    let lines = lines.get(..LINES).unwrap_or(lines);
    let look = Look::of(lines);
    if look.visible < LEAST {
        return Block::Code;
    }
    match alt.map_or(Hint::None, hint) {
        Hint::Code => return Block::Code,
        // Nobody draws with sentences, whatever they are called.
        Hint::Art if look.in_words * 3 < look.visible * 2 => return Block::Art,
        Hint::Art | Hint::None => (),
    }
    if look.is_dump() || look.visible < look.in_numbers * 2 {
        return Block::Code;
    }
    if is_table(lines) && look.visible < (look.in_words + look.digits) * 5 {
        return Block::Table;
    }
    let is_drawn = look.visible < look.drawn * 3 && look.in_words * 2 < look.visible;
    let is_marks = look.alphanumeric * 2 < look.visible && look.in_words * 3 < look.visible;
    let is_lettering = 3 <= lines.len() && look.in_words * 6 < look.visible && look.is_monotonous();
    if is_drawn || is_marks || is_lettering { Block::Art } else { Block::Code }
}

/// Whether an alt text names a language or a program, and says nothing of what is in the block.
pub(super) fn names_code(alt: &str) -> bool {
    const LANGUAGES: [&str; 62] = [
        "ada",
        "asm",
        "awk",
        "bash",
        "basic",
        "c",
        "c#",
        "c++",
        "clojure",
        "code",
        "conf",
        "config",
        "console",
        "cpp",
        "css",
        "csv",
        "diff",
        "dockerfile",
        "elisp",
        "elixir",
        "elm",
        "erlang",
        "fish",
        "fortran",
        "gemtext",
        "gmi",
        "go",
        "haskell",
        "hs",
        "html",
        "ini",
        "java",
        "javascript",
        "js",
        "json",
        "kotlin",
        "lisp",
        "lua",
        "makefile",
        "markdown",
        "md",
        "nim",
        "nix",
        "ocaml",
        "output",
        "perl",
        "php",
        "plaintext",
        "powershell",
        "python",
        "py",
        "ruby",
        "rust",
        "scheme",
        "sh",
        "shell",
        "sql",
        "swift",
        "text",
        "toml",
        "xml",
        "yaml",
    ];
    let alt = alt.trim();
    alt.len() <= 12 && LANGUAGES.contains(&alt.to_ascii_lowercase().as_str())
}

/// Lines that are looked at.
const LINES: usize = 200;
/// Visible characters that a picture has at least.
const LEAST: usize = 12;

enum Hint {
    Art,
    Code,
    None,
}

fn hint(alt: &str) -> Hint {
    const ART: [&str; 12] = [
        "ascii", "art", "banner", "drawing", "figlet", "logo", "ansi", "cowsay", "picture", "pixel",
        "dessin", "bild",
    ];
    if names_code(alt) {
        return Hint::Code;
    }
    let mut words = alt.split(|character: char| !character.is_alphanumeric()).take(40);
    let is_art = words.any(|word| ART.iter().any(|art| word.eq_ignore_ascii_case(art)));
    if is_art { Hint::Art } else { Hint::None }
}

/// Numbers of characters.
#[derive(Default)]
struct Look {
    visible: usize,
    alphanumeric: usize,
    digits: usize,
    hexadecimal: usize,
    /// Of words that could be read: three letters or more, not all the same, with a vowel if they are Latin.
    in_words: usize,
    /// Of numbers that could be read: not all the same digit.
    in_numbers: usize,
    /// Blocks, braille, lines and shapes: characters that only draw.
    drawn: usize,
    /// How often each ASCII letter or digit comes.
    each: Vec<usize>,
}

impl Look {
    fn of(lines: &[&str]) -> Self {
        let mut look = Self { each: vec![0; 128], ..Self::default() };
        for line in lines {
            for character in line.chars().filter(|character| !character.is_whitespace()) {
                look.visible += 1;
                look.alphanumeric += usize::from(character.is_alphanumeric());
                look.digits += usize::from(character.is_ascii_digit());
                look.hexadecimal += usize::from(character.is_ascii_hexdigit());
                look.drawn +=
                    usize::from(matches!(character, '\u{2500}'..='\u{25ff}' | '\u{2800}'..='\u{28ff}'
                    | '\u{1fb00}'..='\u{1fbff}'));
                if character.is_ascii_alphanumeric()
                    && let Some(count) = look.each.get_mut(character as usize)
                {
                    *count += 1;
                }
            }
            let numbers = line.split_whitespace().filter(|number| is_number(number));
            look.in_numbers += numbers.map(str::len).sum::<usize>();
            let words = line.split(|character: char| !character.is_alphabetic());
            look.in_words +=
                words.filter(|word| is_word(word)).map(|word| word.chars().count()).sum::<usize>();
        }
        look
    }

    /// Bytes in numbers, with or without their characters beside them.
    fn is_dump(&self) -> bool {
        self.visible * 7 < self.hexadecimal * 10 && 16 < self.digits && !self.is_monotonous()
    }

    /// Whether three letters or digits make most of them: lettering is drawn with few.
    fn is_monotonous(&self) -> bool {
        let mut each = self.each.clone();
        each.sort_unstable_by(|one, other| other.cmp(one));
        self.alphanumeric * 3 < each.iter().take(4).sum::<usize>() * 5
    }
}

fn is_number(word: &str) -> bool {
    let mut digits = word.bytes().filter(u8::is_ascii_digit);
    let first = digits.next();
    word.bytes().all(|byte| byte.is_ascii_digit() || b".,:-+%".contains(&byte))
        && first.is_some_and(|first| word.len() <= 2 || digits.any(|digit| digit != first))
}

fn is_word(word: &str) -> bool {
    if !word.is_ascii() {
        return true;
    }
    let mut letters = word.bytes().map(|letter| letter.to_ascii_lowercase());
    let Some(first) = letters.next() else { return false };
    3 <= word.len()
        && letters.clone().any(|letter| letter != first)
        && word.bytes().any(|letter| b"aeiouyAEIOUY".contains(&letter))
        && letters.zip(word.bytes()).filter(|(one, next)| *one == next.to_ascii_lowercase()).count() * 2
            < word.len()
}

/// Most lines have the same number of separators, two at least.
fn is_table(lines: &[&str]) -> bool {
    let mut counts = [0_usize; 32];
    let mut rows = 0;
    for line in lines {
        let separators = line.matches(['|', '│', '┃', '║', '\t']).count();
        if let Some(count) = counts.get_mut(separators)
            && 2 <= separators
        {
            *count += 1;
        }
        rows += usize::from(line.chars().any(char::is_alphanumeric));
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    2 <= most && rows < most * 2
}

#[cfg(test)]
mod tests;
