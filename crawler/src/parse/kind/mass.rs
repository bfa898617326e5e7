//! Mass material: what machines bring over by the thousand from the web, from mailing lists and from chats.
//!
//! It ranks after what people write here, so a page is called that only where it could hardly be anything else. What
//! lies where a gemlog lies is its author's: there a quoted mail, a specification or some lines of a chat are part of
//! a post.

use shared::gemini::kind::Kind;
use shared::gemini::request::decode_query;
use shared::gemini::url::GeminiUrl;

/// Whether a page lies where a gemlog's posts do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It does.
    Gemlog,
    /// It lies elsewhere.
    Elsewhere,
}

/// Lines that are looked at, empty ones left out.
const LINES: usize = 40;
/// Lines in which the head of a mail begins.
const HEAD: usize = 3;

/// What kind of mass material a text is; none: it is not.
pub(super) fn of(prose: &str, url: &GeminiUrl, place: Place) -> Option<Kind> {
    if is_chat(prose, place) {
        return Some(Kind::ChatLog);
    }
    if let Some(gateway) = gateway(url) {
        return Some(gateway);
    }
    match place {
        Place::Gemlog => None,
        Place::Elsewhere if is_mail(prose) => Some(Kind::MailingList),
        Place::Elsewhere if is_rfc(prose) || is_encyclopedia(prose) => Some(Kind::WebMirror),
        Place::Elsewhere if is_agency(prose) => Some(Kind::News),
        Place::Elsewhere => None,
    }
}

fn lines(prose: &str) -> impl Iterator<Item = &str> {
    prose.lines().map(str::trim).filter(|line| !line.is_empty()).take(LINES)
}

/// Most lines are `12:34 <nick> words` or `[12:34:56] <nick> words`; in a gemlog nine of ten.
fn is_chat(prose: &str, place: Place) -> bool {
    let said = |line: &&str| {
        let line = line.trim_start_matches(['[', '(']);
        let time = line.bytes().take(5).map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
        time.eq(*b"00:00") && line.contains('<') && line.contains('>')
    };
    let (all, chat) = (lines(prose).count(), lines(prose).filter(said).count());
    let is_most = match place {
        Place::Gemlog => all * 9 <= chat * 10,
        Place::Elsewhere => all < chat * 2,
    };
    8 <= all && is_most
}

/// A page of the web in our own tongue: its address holds the other one's. News where the gateway says that it is there
/// for them.
fn gateway(url: &GeminiUrl) -> Option<Kind> {
    const NEWS: [&str; 2] = ["news", "waffle"];
    const DOCUMENTS: [&str; 5] = [".gmi", ".gemini", ".txt", ".md", ".html"];
    let asked = decode_query(url.path_and_query()).to_ascii_lowercase();
    let web =
        ["https:/", "http:/", "/https/~", "/http/~"].iter().filter_map(|scheme| asked.find(scheme)).min()?;
    let (gateway, _) = asked.split_at_checked(web)?;
    // A link that somebody mistyped leads to a document, whatever follows it.
    if DOCUMENTS.iter().any(|ending| gateway.trim_end_matches(['?', '/']).ends_with(ending)) {
        return None;
    }
    let is_news = NEWS.iter().any(|word| gateway.contains(word));
    Some(if is_news { Kind::News } else { Kind::WebMirror })
}

/// It begins with the head of a mail: at least three of its fields, one after the other, after a title at most.
fn is_mail(prose: &str) -> bool {
    const FIELDS: [&str; 7] =
        ["From: ", "To: ", "Date: ", "Subject: ", "Message-ID: ", "In-Reply-To: ", "List-Id: "];
    let is_field = |line: &&str| FIELDS.iter().any(|field| line.starts_with(field));
    let begins = lines(prose).take(HEAD).position(|line| is_field(&line));
    begins.is_some_and(|begins| 3 <= lines(prose).skip(begins).take_while(is_field).count())
}

/// RFCs are mirrored whole, by the thousand.
fn is_rfc(prose: &str) -> bool {
    lines(prose).any(|line| {
        let number = line.strip_prefix("Request for Comments: ").unwrap_or_default();
        number.starts_with(|first: char| first.is_ascii_digit())
    })
}

/// Copies of the encyclopedia say where they come from.
fn is_encyclopedia(prose: &str) -> bool {
    lines(prose).any(|line| line.starts_with("From Wikipedia, the free encyclopedia"))
}

/// A line that begins as the reports of news agencies do: `LONDON (Reuters) - `, `BERLIN, June 1 (AP) — `.
fn is_agency(prose: &str) -> bool {
    const AGENCIES: [&str; 6] = ["(AP)", "(Reuters)", "(REUTERS)", "(AFP)", "(dpa)", "(UPI)"];
    // Most lines have no bracket, and are not searched for any of them.
    lines(prose).filter(|line| line.contains('(')).any(|line| {
        let Some((place, report)) = AGENCIES.iter().find_map(|agency| line.split_once(agency)) else {
            return false;
        };
        let city = place.split([',', '/']).next().unwrap_or_default().trim();
        place.len() < 60
            && 3 <= city.len()
            && city.chars().all(|letter| !letter.is_lowercase())
            && report.trim_start().starts_with(['-', '–', '—'])
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const HEAD_OF_A_MAIL: &str =
        "Re: Gemini\nFrom: ann@a.example\nDate: Mon, 1 Jun 2026\nSubject: Re: Gemini\n\nHello all,\n";
    const CHAT: &str = "[12:34:56] <ann> hello\n12:35 <bob> hello ann\n";
    const RFC: &str = "Network Working Group\nRequest for Comments: 793\n";

    fn check(prose: &str, path: &str, place: Place) -> Option<Kind> {
        let url = GeminiUrl::parse(&format!("gemini://a.example{path}")).unwrap();
        of(prose, &url, place)
    }

    #[rstest]
    #[case::chat(&CHAT.repeat(5), "/x", Kind::ChatLog)]
    #[case::mail(HEAD_OF_A_MAIL, "/x", Kind::MailingList)]
    #[case::rfc(RFC, "/x", Kind::WebMirror)]
    #[case::encyclopedia("Pond\nFrom Wikipedia, the free encyclopedia\n", "/x", Kind::WebMirror)]
    #[case::agency("Floods\n\nLONDON, June 1 (Reuters) - Water rose.\n", "/x", Kind::News)]
    #[case::a_gateway("Words", "/cgi-bin/proxy?https%3A%2F%2Fa.example%2Fb", Kind::WebMirror)]
    #[case::a_gateway_by_path("Words", "/proxy/https/~a.example/b", Kind::WebMirror)]
    #[case::a_gateway_for_news(
        "Words",
        "/cgi-bin/waffle.cgi/article?https%3A%2F%2Fa.example%2Fb",
        Kind::News
    )]
    fn mass_material_is_known(#[case] prose: &str, #[case] path: &str, #[case] expected: Kind) {
        assert_eq!(check(prose, path, Place::Elsewhere), Some(expected));
    }

    #[rstest]
    #[case::a_quoted_mail(
        "On mail\n\nI was sent this, and I like how it begins:\n\nAnd this is all of it:\n\nFrom: ann\nSubject: b\nDate: c\n"
    )]
    #[case::two_fields("From: the pond\nTo: the hill\nA walk.\n")]
    #[case::some_lines_of_a_chat(
        "A talk\n\nYesterday somebody said:\n12:34 <ann> hello\nand I liked it.\nOne.\nTwo.\nThree.\nFour.\n"
    )]
    #[case::comments_are_asked_for("Request for Comments: what do you think?\n")]
    #[case::an_agency_is_named("I read the news (AP) - as I do\n")]
    #[case::a_capsule_on_the_web("Words\nThis page is on the web too: https://a.example/\n")]
    fn what_people_write_is_none(#[case] prose: &str) {
        assert_eq!(check(prose, "/about", Place::Elsewhere), None);
    }

    #[test]
    fn a_mistyped_link_makes_no_gateway_of_a_document() {
        assert_eq!(check("Words", "/things.gmi?https://a.example/b", Place::Elsewhere), None);
    }

    #[rstest]
    #[case::mail(HEAD_OF_A_MAIL, None)]
    #[case::rfc(RFC, None)]
    #[case::a_talk_with_some_words_about_it(&format!("A talk\nThis was fun:\n{}", CHAT.repeat(3)), None)]
    #[case::a_log_by_its_date(&CHAT.repeat(5), Some(Kind::ChatLog))]
    fn a_gemlog_is_its_authors(#[case] prose: &str, #[case] expected: Option<Kind>) {
        assert_eq!(check(prose, "/2026-06-01-x.txt", Place::Gemlog), expected);
    }
}
