//! Answers as HTTP responses.

use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::caching::{Keep, keep, tagged};
use super::headers::ROBOTS_TAG;
use crate::render;
use crate::render::answer::{Answer, Data, File, Listing, Page, Readers};
use crate::render::problem::{Problem, seconds};
use crate::screens::words;

/// The response of an answer or a problem, for a screen at this path.
pub(super) fn respond(path: &str, answer: Result<Answer, Problem>) -> Response {
    match answer {
        Ok(Answer::Page(page)) => screen(path, &page),
        // Nothing was typed yet: the form is the page.
        Ok(Answer::Input { form, .. }) => screen(path, &form),
        Ok(Answer::File(file)) => own_file(file),
        Ok(Answer::Data(data)) => for_programs(data),
        Ok(Answer::Redirect(target)) => redirect(&target),
        Err(problem) => problem_page(&problem),
    }
}

fn screen(path: &str, page: &Page) -> Response {
    let html = match render::html(page) {
        Ok(html) => html,
        Err(problem) => return problem_page(&problem),
    };
    let mut response = tagged(html);
    keep(&mut response, Keep::screen(path));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if page.listing == Listing::Welcome {
        headers.insert(ROBOTS_TAG, HeaderValue::from_static("all"));
    }
    response
}

fn own_file(file: File) -> Response {
    let mut response = tagged(file.bytes);
    keep(&mut response, Keep::AnHour);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    response
}

/// An answer for programs; where it says why there is none, with the status of that.
fn for_programs(data: Data) -> Response {
    let mut response = tagged(data.bytes);
    keep(&mut response, if data.problem.is_some() { Keep::Never } else { Keep::AMinute });
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(data.media_type));
    match data.readers {
        Readers::Anybody => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        Readers::OurPages => {}
    }
    if let Some(problem) = &data.problem {
        if let Some(wait) = problem.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
        *response.status_mut() = StatusCode::from(problem);
    }
    response
}

fn redirect(target: &str) -> Response {
    match HeaderValue::from_str(target) {
        Ok(location) => {
            let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
            keep(&mut response, Keep::Never);
            response
        }
        Err(_) => problem_page(&Problem::Broken),
    }
}

/// A problem as a page with its status.
fn problem_page(problem: &Problem) -> Response {
    let mut response = match render::html(&words::trouble(problem.to_string())) {
        Ok(html) => (StatusCode::from(problem), html).into_response(),
        Err(_) => return plain(StatusCode::INTERNAL_SERVER_ERROR, "something is wrong on our side"),
    };
    keep(&mut response, Keep::Never);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Some(wait) = problem.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds(wait)));
    }
    response
}

/// A bare sentence with its status.
pub(super) fn plain(status: StatusCode, sentence: &'static str) -> Response {
    let mut response = (status, sentence).into_response();
    keep(&mut response, Keep::Never);
    response
}

/// Nothing is changed from here.
pub(super) fn method_not_allowed() -> Response {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are served here");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}
