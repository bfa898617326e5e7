//! Answers for Spartan, from the same gemtext: `2 text/gemini` and its body, `3 /path`, `4` what the visitor can
//! mend, `5` what we must.
//!
//! Spartan has no status that asks for words: a link to a screen that wants some becomes a prompt line, `=: /search`.

use super::answer::{Answer, Data};
use super::problem::Problem;
use super::view::View;

/// A whole Spartan response: header and body.
#[must_use]
pub fn response(answer: &Result<Answer, Problem>) -> Vec<u8> {
    match answer {
        Ok(Answer::Page(page)) => screen(&*page.view),
        Ok(Answer::Input { form, .. }) => screen(&*form.view),
        Ok(Answer::File(file)) => with_header(&format!("2 {}", file.media_type), file.bytes),
        Ok(Answer::Data(Data { problem: Some(problem), .. })) | Err(problem) => refusal(problem),
        Ok(Answer::Data(data)) => with_header(&format!("2 {}", data.media_type), &data.bytes),
        Ok(Answer::Redirect(target)) => redirect(target),
    }
}

fn screen(view: &dyn View) -> Vec<u8> {
    match view.gemtext() {
        Ok(body) => with_header("2 text/gemini; charset=utf-8; lang=en", with_prompts(&body).as_bytes()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a screen could not be drawn");
            refusal(&Problem::Broken)
        }
    }
}

fn refusal(problem: &Problem) -> Vec<u8> {
    let digit = match problem.http_status() {
        400..=499 => 4,
        _ => 5,
    };
    with_header(&format!("{digit} {problem}"), &[])
}

/// Only a path of ours can be redirected to; a page elsewhere, or words, become a link.
fn redirect(target: &str) -> Vec<u8> {
    if target.starts_with('/') && !target.contains('?') {
        return with_header(&format!("3 {target}"), &[]);
    }
    with_header("2 text/gemini; charset=utf-8; lang=en", format!("=> {target}\n").as_bytes())
}

/// The same gemtext, with prompt lines for the links that want words.
fn with_prompts(gemtext: &str) -> String {
    let mut lines = String::with_capacity(gemtext.len() + 16);
    for line in gemtext.split_inclusive('\n') {
        let target = line.strip_prefix("=> ").and_then(|link| link.split_whitespace().next());
        match target {
            Some(path) if wants_words(path) => {
                lines.push_str("=:");
                lines.push_str(&line[2..]);
            }
            Some(_) | None => lines.push_str(line),
        }
    }
    lines
}

/// Whether a link of ours leads to a screen that asks for words, and brings none.
fn wants_words(path: &str) -> bool {
    let mut segments = path.rsplit('/');
    let last = segments.next().unwrap_or_default();
    let asks = matches!(
        last,
        "search"
            | "images"
            | "files"
            | "audio"
            | "ascii-art"
            | "backlinks"
            | "add-seed"
            | "capsule"
            | "page"
            | "cached"
            | "lucky"
            | "report"
            | "requests"
            | "robots"
            | "dead-links"
            | "atom"
            | "gemfeed"
    );
    // Behind a jump stand the words of the list, and what is asked for is a page's number; behind a report stands what it
    // is about, and the reason is asked for.
    let asks_more = segments.next().is_some_and(|before| before.ends_with("_jump") || before == "report");
    path.starts_with('/') && (asks || (asks_more && !last.contains('?')))
}

fn with_header(header: &str, body: &[u8]) -> Vec<u8> {
    [header.as_bytes(), b"\r\n", body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_want_words_are_prompts() {
        for (line, expected) in [
            ("=> /search New search\n", "=: /search New search\n"),
            ("=> /in/lang:de/search In German\n", "=: /in/lang:de/search In German\n"),
            ("=> /search?red%20panda Again\n", "=> /search?red%20panda Again\n"),
            ("=> /images Images\n", "=: /images Images\n"),
            ("=> /search_jump/red%20panda Go\n", "=: /search_jump/red%20panda Go\n"),
            ("=> /search/2?panda Next page\n", "=> /search/2?panda Next page\n"),
            ("=> gemini://a.example/search Its search\n", "=> gemini://a.example/search Its search\n"),
            ("> => /search\n", "> => /search\n"),
            ("=> /about About", "=> /about About"),
            ("=> /report/a.example Report: why?\n", "=: /report/a.example Report: why?\n"),
            ("=> /report?a.example Report it\n", "=> /report?a.example Report it\n"),
            ("=> /capsule/robots Test: an address\n", "=: /capsule/robots Test: an address\n"),
        ] {
            assert_eq!(with_prompts(line), expected, "{line}");
        }
    }

    #[test]
    fn answers_have_the_four_statuses() {
        for (answer, expected) in [
            (Ok(Answer::Redirect("/about".to_owned())), "3 /about\r\n"),
            (
                Ok(Answer::Redirect("gemini://a.example/".to_owned())),
                "2 text/gemini; charset=utf-8; lang=en\r\n=> gemini://a.example/\n",
            ),
            (Err(Problem::NotFound), "4 there is no such page here\r\n"),
            (Err(Problem::Broken), "5 something is wrong on our side, and the admin can see it\r\n"),
        ] {
            assert_eq!(String::from_utf8(response(&answer)).unwrap(), expected);
        }
    }
}
