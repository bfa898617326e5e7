//! Answers become bytes, in the visitor's tongue.

pub mod answer;
pub mod chart;
pub mod escape;
pub mod gemtext;
pub mod language;
pub mod phrase;
pub mod picture;
pub mod plot;
pub mod problem;
pub mod spartan;
pub mod subscription;
pub mod view;

use answer::{Answer, Data, Page};
use problem::Problem;

/// A whole Gemini response: header and body.
#[must_use]
pub fn gemtext(answer: &Result<Answer, Problem>) -> Vec<u8> {
    match answer {
        Ok(Answer::Page(page)) => match page.view.gemtext() {
            Ok(body) => with_header("20 text/gemini; charset=utf-8; lang=en", body.as_bytes()),
            Err(error) => failed(&error),
        },
        Ok(Answer::File(file)) => with_header(&format!("20 {}", file.media_type), file.bytes),
        Ok(Answer::Data(Data { problem: Some(problem), .. })) => with_header(&problem.gemini_line(), &[]),
        Ok(Answer::Data(data)) => with_header(&format!("20 {}", data.media_type), &data.bytes),
        Ok(Answer::Input { prompt, .. }) => with_header(&format!("10 {prompt}"), &[]),
        Ok(Answer::Redirect(target)) => with_header(&format!("30 {target}"), &[]),
        Err(problem) => with_header(&problem.gemini_line(), &[]),
    }
}

/// The HTML of a page, or why there is none.
///
/// # Errors
///
/// [`Problem::Broken`] when a template cannot be filled in.
pub fn html(page: &Page) -> Result<String, Problem> {
    page.view.html().map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a screen could not be drawn");
        Problem::Broken
    })
}

fn failed(error: &askama::Error) -> Vec<u8> {
    tracing::error!(error = error as &dyn std::error::Error, "a screen could not be drawn");
    with_header(&Problem::Broken.gemini_line(), &[])
}

fn with_header(header: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(header.len() + 2 + body.len());
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}
