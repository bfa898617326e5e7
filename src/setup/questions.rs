//! What is asked, and what counts as an answer. Every answer is checked where it is given; a wrong one is asked for
//! again, a few times.

use std::io::{BufRead, Write};
use std::str::FromStr;

use anyhow::bail;
use shared::gemini::host::Host;
use shared::gemini::url::GeminiUrl;

use crate::settings::Settings;
use crawler::config::Reach;

/// A question is put so often; then something else is wrong.
const TRIES: usize = 5;

/// Whether the public Geminispace is crawled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Crawl {
    Yes,
    No,
}

/// All that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) hosts: Vec<Host>,
    pub(super) operator: Option<String>,
    pub(super) contact: String,
    pub(super) crawl: Crawl,
}

/// What an earlier configuration answers.
#[derive(Debug, Default)]
pub(super) struct Known {
    hosts: Vec<Host>,
    operator: Option<String>,
    contact: Option<String>,
    crawl: Option<Crawl>,
}

/// What flags answer, as it was written.
#[derive(Debug, Default)]
pub(super) struct Told {
    hosts: Option<String>,
    operator: Option<String>,
    contact: Option<String>,
    crawl: Option<Crawl>,
}

impl Known {
    pub(super) fn of(settings: &Settings) -> Self {
        let crawl = settings.is_told().then_some(match settings.reach {
            Reach::Public => Crawl::Yes,
            Reach::RoutedOnly => Crawl::No,
        });
        Self {
            hosts: settings.hosts.clone(),
            operator: settings.operator.clone(),
            contact: settings.contact.clone(),
            crawl,
        }
    }
}

impl Answers {
    pub(super) fn of_flags(
        hosts: &[String],
        operator: &Option<String>,
        contact: &Option<String>,
        crawl: Option<Crawl>,
    ) -> Told {
        let hosts = (!hosts.is_empty()).then(|| hosts.join(" "));
        Told { hosts, operator: operator.clone(), contact: contact.clone(), crawl }
    }
}

/// Without questions: flags first, then what is known; everything that is missing or wrong at once.
pub(super) fn complete(told: &Told, known: &Known) -> anyhow::Result<Answers> {
    let mut wrong = Vec::new();
    let mut note = |flag: &str, why: String| wrong.push(format!("\n  {flag}: {why}"));
    let hosts = match told.hosts.as_deref().map(hosts) {
        Some(Ok(hosts)) => hosts,
        Some(Err(why)) => {
            note("--host", why);
            Vec::new()
        }
        None if known.hosts.is_empty() => {
            note("--host", "the name of this copy is needed".to_owned());
            Vec::new()
        }
        None => known.hosts.clone(),
    };
    let contact = match (told.contact.as_deref().map(contact), &known.contact) {
        (Some(Ok(contact)), _) => contact,
        (Some(Err(why)), _) => {
            note("--contact", why);
            String::new()
        }
        (None, Some(known)) => known.clone(),
        (None, None) => {
            note("--contact", "capsule owners must be able to reach you".to_owned());
            String::new()
        }
    };
    let operator = match told.operator.as_deref().map(line) {
        Some(Err(why)) => {
            note("--operator", why);
            None
        }
        Some(Ok(operator)) => Some(operator),
        None => known.operator.clone(),
    };
    if !wrong.is_empty() {
        bail!("setup was told to ask nothing, and cannot do with what it knows:{}", wrong.concat());
    }
    let crawl = told.crawl.or(known.crawl).unwrap_or(Crawl::No);
    Ok(Answers { hosts, operator, contact, crawl })
}

/// Asks for what no flag says; an empty answer takes what stands in brackets.
pub(super) fn ask(
    told: &Told,
    known: &Known,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> anyhow::Result<Answers> {
    let names: Vec<&str> = known.hosts.iter().map(Host::as_str).collect();
    let names = (!names.is_empty()).then(|| names.join(" "));
    let question = "The names of this copy, the first for links and certificate";
    let hosts = put(question, told.hosts.as_deref(), names.as_deref(), hosts, input, out)?;
    let question = "Who runs it (shown on its crawler page)";
    let usual = known.operator.clone().unwrap_or_else(|| format!("The people of {}", hosts[0].as_str()));
    let operator = put(question, told.operator.as_deref(), Some(&usual), line, input, out)?;
    let question = "How capsule owners reach you: a mail address or a URL";
    let contact = put(question, told.contact.as_deref(), known.contact.as_deref(), contact, input, out)?;
    let question = "Crawl the public Geminispace, from the seeds that come with it? yes or no";
    let word = |crawl: Crawl| match crawl {
        Crawl::Yes => "yes",
        Crawl::No => "no",
    };
    let usual = word(known.crawl.unwrap_or(Crawl::No));
    let crawl = put(question, told.crawl.map(word), Some(usual), yes_or_no, input, out)?;
    Ok(Answers { hosts, operator: Some(operator), contact, crawl })
}

/// Whether the admin agrees; silence does not.
pub(super) fn agrees(question: &str, input: &mut dyn BufRead, out: &mut dyn Write) -> anyhow::Result<bool> {
    let question = format!("{question} yes or no");
    Ok(put(&question, None, Some("no"), yes_or_no, input, out)? == Crawl::Yes)
}

fn put<T>(
    question: &str,
    told: Option<&str>,
    usual: Option<&str>,
    read: impl Fn(&str) -> Result<T, String>,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> anyhow::Result<T> {
    if let Some(told) = told {
        return read(told).map_err(anyhow::Error::msg);
    }
    let shown = usual.map_or_else(String::new, |usual| format!(" [{usual}]"));
    for _try in 0..TRIES {
        write!(out, "{question}{shown}: ")?;
        out.flush()?;
        let mut answer = String::new();
        if input.read_line(&mut answer)? == 0 {
            bail!(
                "nobody answers; with --yes setup asks nothing, and takes flags (see sextant setup --help)"
            );
        }
        let answer = match (answer.trim(), usual) {
            ("", Some(usual)) => usual,
            (answer, _) => answer,
        };
        match read(answer) {
            Ok(value) => return Ok(value),
            Err(why) => writeln!(out, "{why}")?,
        }
    }
    bail!("no answer was of use");
}

fn hosts(text: &str) -> Result<Vec<Host>, String> {
    let words = text.split([' ', ',', '\t']).filter(|word| !word.is_empty());
    let hosts: Vec<Host> = words
        .map(|word| Host::parse(word).map_err(|error| format!("{word:?} is no host name: {error}")))
        .collect::<Result<_, _>>()?;
    if hosts.is_empty() { Err("a name is needed, such as search.example.org".to_owned()) } else { Ok(hosts) }
}

fn line(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) || 200 < text.len() {
        return Err("one line of text is needed".to_owned());
    }
    Ok(text.to_owned())
}

fn contact(text: &str) -> Result<String, String> {
    let text = line(text)?;
    let is_mail = |mail: &str| {
        mail.split_once('@')
            .is_some_and(|(who, host)| !who.is_empty() && !who.contains(' ') && Host::parse(host).is_ok())
    };
    if is_mail(&text) && !text.contains(':') {
        return Ok(format!("mailto:{text}"));
    }
    let is_url = text.strip_prefix("mailto:").is_some_and(is_mail)
        || GeminiUrl::from_str(&text).is_ok()
        || text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.contains(' '));
    if is_url {
        Ok(text)
    } else {
        Err(format!("{text:?} is neither a mail address nor a gemini:// or https:// URL"))
    }
}

fn yes_or_no(text: &str) -> Result<Crawl, String> {
    match text.to_lowercase().as_str() {
        "y" | "yes" => Ok(Crawl::Yes),
        "n" | "no" => Ok(Crawl::No),
        _ => Err("yes or no is needed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(answers: &str) -> (anyhow::Result<Answers>, String) {
        let mut out = Vec::new();
        let got = ask(&Told::default(), &Known::default(), &mut answers.as_bytes(), &mut out);
        (got, String::from_utf8(out).expect("text"))
    }

    #[test]
    fn wrong_answers_are_asked_for_again() {
        let (got, said) = asked(
            "bad host!\nsearch.example, www.search.example\n\nnobody\nann@search.example\nperhaps\nyes\n",
        );
        let got = got.expect("answers");
        let hosts: Vec<&str> = got.hosts.iter().map(Host::as_str).collect();
        assert_eq!(hosts, ["search.example", "www.search.example"]);
        assert_eq!(got.operator.as_deref(), Some("The people of search.example"));
        assert_eq!(got.contact, "mailto:ann@search.example");
        assert_eq!(got.crawl, Crawl::Yes);
        for words in ["is no host name", "\"nobody\" is neither a mail address", "yes or no is needed"] {
            assert!(said.contains(words), "{said}");
        }
        assert!(asked("").0.expect_err("nobody").to_string().starts_with("nobody answers"));
        assert!(asked(&"!\n".repeat(9)).0.is_err(), "it does not ask for ever");
    }

    #[test]
    fn without_questions_all_that_is_missing_is_told_at_once() {
        let told = Answers::of_flags(&[], &None, &Some("x".to_owned()), None);
        let said = complete(&told, &Known::default()).expect_err("nothing is known").to_string();
        assert!(said.contains("--host: the name") && said.contains("--contact: \"x\" is neither"), "{said}");
    }
}
