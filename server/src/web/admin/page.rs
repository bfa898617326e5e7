//! What the desk answers a browser with: a screen, the page on which the token is typed, or what did not work.

use axum::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::super::caching::{Keep, keep, tagged};
use super::super::respond;
use crate::desk::board::{Block, Board, Mood, SCREENS};
use crate::desk::login::Login;
use crate::paths::desk;
use crate::people::keyring::{KeyringError, TokenMark};
use crate::render;
use crate::render::answer::{Answer, File, Page};
use crate::render::problem::{Problem, seconds};

pub(super) fn login_page(token: Option<TokenMark>) -> Response {
    match token {
        Some(_) => html(&Login::asked()),
        None => {
            let told = "No token has been made yet: sextant admin token makes one, on this machine.";
            html(&Login::refused(told))
        }
    }
}

pub(super) fn no_keys(error: &KeyringError) -> Response {
    tracing::error!(error = error as &dyn std::error::Error, "the keys of the desk cannot be used");
    refused(StatusCode::INTERNAL_SERVER_ERROR, &Login::refused(format!("Nobody gets in: {error}.")))
}

pub(super) fn refused(status: StatusCode, page: &Page) -> Response {
    let mut response = html(page);
    *response.status_mut() = status;
    response
}

/// An answer to whoever has this hand, and asked for this path.
pub(super) fn screen(path: &str, hand: &str, answer: Result<Answer, Problem>) -> Response {
    match answer {
        Ok(Answer::Page(page) | Answer::Input { form: page, .. }) => html(&page),
        Ok(Answer::File(file)) => self::file(file),
        Ok(Answer::Redirect(target)) => redirect(&target),
        // The desk has nothing for programs but the figures, which are no screen.
        Ok(Answer::Data(_)) => problem_page(path, hand, &Problem::NotFound),
        Err(problem) => problem_page(path, hand, &problem),
    }
}

/// What did not work at this path, for the hand of a session where there is one. A screen that could not be read stays
/// that screen, and comes back by itself when it can be read again; a deed does not.
pub(super) fn problem_page(path: &str, hand: &str, problem: &Problem) -> Response {
    let here = SCREENS.iter().find(|(own, _)| *own == path).map_or(desk::DO, |(own, _)| own);
    let is_theirs = matches!(problem, Problem::Malformed(_));
    let way_back = if is_theirs { "Nothing was changed. Go back, and put it right." } else { "" };
    let board = Board::new("That did not work", here, Mood::Trouble, sentence(problem))
        .part("", vec![Block::Text(way_back.to_owned())])
        .for_hand(hand);
    let mut response = html(&Page::new(board));
    *response.status_mut() = StatusCode::from(problem);
    if let Some(wait) = problem.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds(wait)));
    }
    response
}

/// A problem begins as a part of a sentence.
fn sentence(problem: &Problem) -> String {
    let told = problem.to_string();
    let mut characters = told.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}

fn html(page: &Page) -> Response {
    match render::html(page) {
        Ok(html) => {
            let mut response = html.into_response();
            let kind = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        Err(_) => respond::plain(StatusCode::INTERNAL_SERVER_ERROR, "something is wrong on our side"),
    }
}

pub(super) fn file(file: File) -> Response {
    let mut response = tagged(file.bytes);
    keep(&mut response, Keep::AMinute);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    response
}

pub(super) fn redirect(target: &str) -> Response {
    match HeaderValue::from_str(target) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => problem_page(desk::DO, "", &Problem::Broken),
    }
}

pub(super) fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
}
