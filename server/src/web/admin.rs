//! The admin's desk on the web: on listeners of its own, for who typed the token.
//!
//! Looking is GET and changes nothing; every act is a POST from the desk's own pages, within a session, with the
//! session's hand. Wrong tokens are few a minute. None of it is mounted on the listeners of the visitors.

mod form;
mod listener;
mod page;
mod pulse;
mod session;
mod whence;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware;
use axum::response::Response;
use shared::gemini::host::Host;
use shared::store::asked::exclusion::Visibility;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::caching::unless_held;
use super::guest::GRACE;
use super::probes::{self, Health};
use super::size::{self, Taken};
use super::{headers, query, respond};
use crate::app::App;
use crate::ask::{Ask, Tongue};
use crate::config::{Config, DeskAddress, WhenTaken};
use crate::desk::deed::Order;
use crate::desk::login::Login;
use crate::paths::{self, desk};
use crate::people::Admin;
use crate::render::answer::File;
use crate::render::problem::{Problem, seconds};
use crate::route;
use crate::route::guarded::guarded;
use form::Form;
use listener::DeskListener;
use page::{file, login_page, no_keys, problem_page, redirect, refused, screen, set_cookie};
use pulse::Pulse;
use session::{Inside, Sessions};

const STYLE: File =
    File { media_type: "text/css; charset=utf-8", bytes: include_bytes!("../../../templates/desk/desk.css") };
const SCRIPT: File = File {
    media_type: "text/javascript; charset=utf-8",
    bytes: include_bytes!("../../../templates/desk/desk.js"),
};

/// An address of the desk is taken, or not ours.
#[derive(Debug, thiserror::Error)]
#[error("the desk cannot listen on {address}")]
pub struct DeskError {
    /// Which one.
    pub address: DeskAddress,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// The open desk.
pub struct DeskDoor {
    listeners: Vec<DeskListener>,
    app: Arc<App>,
    names: Vec<Host>,
    /// Who answers for this process where a machine asks.
    health: Option<Arc<dyn Health>>,
}

impl std::fmt::Debug for DeskDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeskDoor").field("listeners", &self.listeners).finish_non_exhaustive()
    }
}

/// What each request needs.
struct Within {
    app: Arc<App>,
    names: Vec<Host>,
    sessions: Sessions,
    pulse: Pulse,
}

impl DeskDoor {
    /// Binds all addresses.
    ///
    /// # Errors
    ///
    /// When one is taken, and somebody asked for just that one.
    pub fn bind(config: &Config, app: Arc<App>) -> Result<Self, DeskError> {
        let mut listeners = Vec::new();
        for address in &config.desk.addresses {
            match (DeskListener::bind(address), config.desk.when_taken) {
                (Ok(listener), _) => listeners.push(listener),
                (Err(source), WhenTaken::Fail) => return Err(DeskError { address: address.clone(), source }),
                (Err(error), WhenTaken::GoWithout) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(
                        error,
                        "the desk's usual address is taken, so this server has none on the web: set admin.listen"
                    );
                }
            }
        }
        Ok(Self { listeners, app, names: config.hosts.clone(), health: None })
    }

    /// Answers the probes of machines, too, which need no token: they read figures, and change nothing.
    #[must_use]
    pub fn probed(self, health: Arc<dyn Health>) -> Self {
        Self { health: Some(health), ..self }
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> Vec<DeskAddress> {
        self.listeners.iter().filter_map(DeskListener::address).collect()
    }

    /// Serves until stopped, and then for a moment those who are being answered.
    pub async fn run(self, stop: CancellationToken) {
        let within = Within {
            app: self.app,
            names: self.names,
            sessions: Sessions::new(),
            pulse: Pulse::new(stop.clone()),
        };
        let desk = Router::new().fallback(serve).with_state(Arc::new(within));
        let router = match self.health {
            Some(health) => desk.merge(probes::router(health)),
            None => desk,
        };
        let router = router.layer(middleware::map_response(headers::on_every_answer_of_the_desk));
        let mut doors = JoinSet::new();
        for listener in self.listeners {
            let serving = axum::serve(listener, router.clone().into_make_service())
                .with_graceful_shutdown(stop.clone().cancelled_owned());
            doors.spawn(async move {
                if let Err(error) = serving.await {
                    tracing::error!(error = &error as &dyn std::error::Error, "the desk's door closed");
                }
            });
        }
        let all_closed = async { while doors.join_next().await.is_some() {} };
        tokio::select! {
            () = all_closed => {}
            () = async {
                stop.cancelled().await;
                tokio::time::sleep(GRACE).await;
            } => tracing::debug!("the desk was left without the end of its answers"),
        }
    }
}

async fn serve(
    State(within): State<Arc<Within>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let is_post = method == Method::POST;
    if !is_post && method != Method::GET && method != Method::HEAD {
        return respond::method_not_allowed();
    }
    if !whence::is_for_us(&headers, &within.names) {
        let sentence = "the desk answers to localhost, to bare addresses and to the names of server.host";
        return respond::plain(StatusCode::MISDIRECTED_REQUEST, sentence);
    }
    let taken = if is_post { Taken::Form } else { Taken::Nothing };
    let posted = match size::form(taken, &uri, &headers, body).await {
        Ok(form) => form.as_deref().map(Form::read),
        Err(excess) => return excess.response(),
    };
    let answered = guarded(async {
        match &posted {
            Some(form) => within.post(uri.path(), &headers, form).await,
            None => within.get(&uri, &headers).await,
        }
    });
    let response = answered.await.unwrap_or_else(|problem| problem_page(uri.path(), "", &problem));
    unless_held(&headers, response)
}

impl Within {
    /// Shows; changes nothing.
    async fn get(&self, uri: &Uri, headers: &HeaderMap) -> Response {
        match uri.path() {
            paths::STYLE => return file(route::STYLE),
            paths::ICON => return file(route::ICON),
            desk::STYLE => return file(STYLE),
            desk::SCRIPT => return file(SCRIPT),
            paths::HOME => return redirect(desk::DESK),
            _ => {}
        }
        let token = match self.app.keys.token() {
            Ok(token) => token,
            Err(error) => return no_keys(&error),
        };
        let path = uri.path();
        let Some(inside) = self.sessions.of(headers, token) else {
            return match path {
                desk::LOGIN => login_page(token),
                desk::PULSE => respond::plain(StatusCode::UNAUTHORIZED, "the session has ended"),
                _ => redirect(desk::LOGIN),
            };
        };
        let words = uri.query().and_then(query::words_of);
        match path {
            desk::LOGIN => redirect(desk::DESK),
            desk::PULSE => self.pulse(words.as_deref().unwrap_or(desk::DESK), inside),
            path => {
                let answer = route::desk::view(&self.app, &Ask::by_web(path, words), &inside.hand).await;
                screen(path, &inside.hand, answer)
            }
        }
    }

    fn pulse(&self, target: &str, inside: Inside) -> Response {
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let ask = Ask::by_web(path, query.and_then(query::words_of));
        let pulse = self.pulse.of(Arc::clone(&self.app), ask, inside.hand);
        pulse.unwrap_or_else(|| {
            respond::plain(StatusCode::SERVICE_UNAVAILABLE, "enough screens are kept up to date already")
        })
    }

    /// Takes a form of the desk's own pages.
    async fn post(&self, path: &str, headers: &HeaderMap, form: &Form) -> Response {
        if !whence::is_from_us(headers) {
            let sentence = "a form must come from the desk's own pages";
            return respond::plain(StatusCode::FORBIDDEN, sentence);
        }
        if path == desk::LOGIN {
            return self.log_in(headers, form.field("token"));
        }
        let inside = match self.app.keys.token() {
            Ok(token) => self.sessions.of(headers, token),
            Err(error) => return no_keys(&error),
        };
        let Some(inside) = inside else {
            let page = Login::refused("Your session has ended, and nothing was done. Type the token again.");
            return refused(StatusCode::UNAUTHORIZED, &page);
        };
        if !inside.has_hand(form.field("hand")) {
            let sentence =
                "the form is not one of this session: go back, load the page again, and send it anew";
            return respond::plain(StatusCode::FORBIDDEN, sentence);
        }
        if path == desk::LOGOUT {
            let mut response = redirect(desk::LOGIN);
            set_cookie(&mut response, &self.sessions.end(&inside));
            return response;
        }
        let deed = path.strip_prefix(desk::DO).and_then(|rest| rest.strip_prefix('/'));
        let Some(deed) = deed.and_then(|word| word.parse().ok()) else {
            return problem_page(path, &inside.hand, &Problem::NotFound);
        };
        let Ok(visibility) = form.given("visibility").map_or(Ok(Visibility::default()), str::parse) else {
            let told = "visitors may see of a rule what its form offers".to_owned();
            return problem_page(path, &inside.hand, &Problem::Malformed(told));
        };
        let (target, note) = (form.field("target").to_owned(), form.given("note").map(str::to_owned));
        let order = Order { deed, target, note, visibility };
        let done = route::desk::act(&self.app, &Admin::by_token(), &order, Tongue::Html).await;
        screen(path, &inside.hand, done)
    }

    fn log_in(&self, headers: &HeaderMap, token: &str) -> Response {
        if let Err(wait) = self.sessions.may_try() {
            let page = Login::refused("Too many tries: please wait a moment.");
            let mut response = refused(StatusCode::TOO_MANY_REQUESTS, &page);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds(wait)));
            return response;
        }
        match self.app.keys.unlocked_by(token) {
            Ok(Some(mark)) => {
                let mut response = redirect(desk::DESK);
                set_cookie(&mut response, &self.sessions.begin(mark, whence::road(headers)));
                response
            }
            Ok(None) => {
                tracing::warn!("somebody typed a wrong token at the desk");
                refused(StatusCode::FORBIDDEN, &Login::refused("That is not the token."))
            }
            Err(error) => no_keys(&error),
        }
    }
}
