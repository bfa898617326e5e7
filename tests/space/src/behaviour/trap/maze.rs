//! Rooms of mazes: pages without end, each the same at every visit.

use crate::answer::Answer;
use crate::request::Asked;

/// Doors of a room.
const DOORS: u64 = 10;
/// Links of the page of too many.
const MANY: u64 = 100_000;
/// Names that a page of a wildcard domain shows.
const NAMES: u64 = 100;

/// One segment more, the same one.
pub(super) fn repeated(path: &str) -> Answer {
    Answer::gemtext(format!(
        "# Listing of {path}\n\n=> {path}/cgi-bin Up\n=> {path}/cgi-bin/list List\n=> {path}/list List\n"
    ))
}

/// One segment more, always another one.
pub(super) fn deeper(path: &str) -> Answer {
    let doors: String = (0..2)
        .map(|n| {
            let name = hash(&format!("{path}#{n}"));
            format!("=> {path}/{:x} Further down\n", name % 0xffff_ffff)
        })
        .collect();
    Answer::gemtext(format!("# Floor {}\n\nThe stairs go on.\n\n{doors}", path.matches('/').count()))
}

/// Links to redirects to rooms of such links.
pub(super) fn redirects(asked: &Asked) -> Answer {
    if let Some(door) = asked.path.strip_prefix("/go/") {
        return Answer::status(format!("30 /room/{:x}", hash(door)));
    }
    let doors: String =
        (0..DOORS).map(|n| format!("=> /go/{:x} Door {n}\n", hash(&format!("{}{n}", asked.path)))).collect();
    Answer::gemtext(format!("# A room\n\nEvery door leads to a porter.\n\n{doors}"))
}

/// A front page of 100,000 links; what they lead to is there.
pub(super) fn many_links(path: &str) -> Answer {
    if path.is_empty() {
        let links: String = (0..MANY).map(|n| format!("=> /n/{n} {n}\n")).collect();
        return Answer::gemtext(format!("# All numbers\n\n{links}"));
    }
    Answer::gemtext(format!("# {}\n\nA number.\n", path.rsplit('/').next().unwrap_or_default()))
}

/// The same long page under every path, but for a number, with links to more of it.
pub(super) fn self_similar(path: &str) -> Answer {
    let number = hash(path);
    let hymn = "The quick brown fox jumps over the lazy dog while seven wizards brew a strong potion of \
                nightshade, ginger and thyme; meanwhile the harbour sleeps, gulls circle above the masts, and an \
                old sailor tells the children of islands where it rains upward and every lantern has a name. \
                Nobody believes him, yet each evening they return with bread, cheese and questions. ";
    let doors: String =
        (0..DOORS).map(|n| format!("=> /p/{:x} Next\n", hash(&format!("{path}{n}")))).collect();
    Answer::gemtext(format!("# Page {}\n\n{hymn}{hymn}\n\n{doors}", number % 10_000))
}

/// Letters that make no words, others on each page, with links to more of them.
pub(super) fn tarpit(path: &str) -> Answer {
    let text: String = (0..150_u64)
        .map(|n| {
            let mut letters = hash(&format!("{path}/{n}"));
            let length = 3 + letters % 9;
            let mut word: String = (0..length)
                .map(|_| {
                    letters = letters.rotate_left(7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    char::from(b'a' + u8::try_from(letters % 26).unwrap_or_default())
                })
                .collect();
            word.push(if n % 12 == 11 { '\n' } else { ' ' });
            word
        })
        .collect();
    let doors: String =
        (0..DOORS).map(|n| format!("=> /t/{:x} More\n", hash(&format!("{path}{n}")))).collect();
    Answer::gemtext(format!("# {:x}\n\n{text}\n\n{doors}", hash(path)))
}

/// A hundred more names of the same domain, where every name is answered for.
pub(super) fn names(asked: &Asked) -> Answer {
    let links: String = (0..NAMES)
        .map(|n| {
            format!(
                "=> gemini://{:x}.{}/ A friend\n",
                hash(&format!("{}{}{n}", asked.host, asked.path)),
                asked.host
            )
        })
        .collect();
    Answer::gemtext(format!("# The friends of {}\n\n{links}", asked.host))
}

/// FNV-1a: the same site at every start.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
