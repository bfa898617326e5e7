//! Answers as HTTP responses.

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::headers::ROBOTS_TAG;
use crate::render;
use crate::render::answer::{Answer, Data, File, Listing, Page, Readers};
use crate::render::problem::Problem;
use crate::screens::words;

/// The response of an answer or a problem.
pub(super) fn respond(answer: Result<Answer, Problem>) -> Response {
    match answer {
        Ok(Answer::Page(page)) => screen(&page),
        // Nothing was typed yet: the form is the page.
        Ok(Answer::Input { form, .. }) => screen(&form),
        Ok(Answer::File(file)) => own_file(file),
        Ok(Answer::Data(data)) => for_programs(data),
        Ok(Answer::Redirect(target)) => redirect(&target),
        Err(problem) => problem_page(&problem),
    }
}

fn screen(page: &Page) -> Response {
    let html = match render::html(page) {
        Ok(html) => html,
        Err(problem) => return problem_page(&problem),
    };
    let mut response = (StatusCode::OK, html).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=60"));
    if page.listing == Listing::Welcome {
        headers.insert(ROBOTS_TAG, HeaderValue::from_static("all"));
    }
    response
}

fn own_file(file: File) -> Response {
    let mut response = Body::from(file.bytes).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}

/// An answer for programs; where it says why there is none, with the status of that.
fn for_programs(data: Data) -> Response {
    let mut response = Body::from(data.bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(data.media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=60"));
    match data.readers {
        Readers::Anybody => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        Readers::OurPages => {}
    }
    if let Some(problem) = &data.problem {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = problem.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        *response.status_mut() = StatusCode::from(problem);
    }
    response
}

fn redirect(target: &str) -> Response {
    match HeaderValue::from_str(target) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => problem_page(&Problem::Broken),
    }
}

/// A problem as a page with its status.
fn problem_page(problem: &Problem) -> Response {
    let mut response = match render::html(&words::trouble(problem.to_string())) {
        Ok(html) => (StatusCode::from(problem), html).into_response(),
        Err(_) => return plain(StatusCode::INTERNAL_SERVER_ERROR, "something is wrong on our side"),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Some(wait) = problem.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    response
}

/// A bare sentence with its status.
pub(super) fn plain(status: StatusCode, sentence: &'static str) -> Response {
    (status, sentence).into_response()
}

/// Nothing is changed from here.
pub(super) fn method_not_allowed() -> Response {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are served here");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}
