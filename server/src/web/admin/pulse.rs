//! What changes on a screen of the desk, sent as it changes: the screen is made anew every few seconds, and what
//! differs from the last time goes to the browser.
//!
//! Nothing runs beside the answer: it is a stream that is asked for its next piece, and ends with the server, with
//! the session, or after some minutes, when the browser asks again by itself.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::ask::Ask;
use crate::render;
use crate::render::answer::Answer;
use crate::route;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(4);
/// Looks of one answer at most.
const LOOKS: u32 = 60;
/// Screens that are kept up to date at once.
const SCREENS: usize = 16;

/// Where the part of a screen begins and ends that is kept up to date.
const BEGIN: &str = "<div id=\"live\" data-pulse=\"/admin/pulse\">";
const END: &str = "</div><!--live-->";

/// Keeps screens up to date.
#[derive(Debug)]
pub(super) struct Pulse {
    places: Arc<Semaphore>,
    stop: CancellationToken,
}

struct Beat {
    app: Arc<App>,
    ask: Ask,
    hand: String,
    last: Option<blake3::Hash>,
    looks: u32,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Pulse {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self { places: Arc::new(Semaphore::new(SCREENS)), stop }
    }

    /// The stream of one screen; none where enough are kept up to date: the page is still there to be loaded again.
    pub(super) fn of(&self, app: Arc<App>, ask: Ask, hand: String) -> Option<Response> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let beat = Beat { app, ask, hand, last: None, looks: 0, stop: self.stop.clone(), _place: place };
        let events = stream::unfold(beat, |mut beat| async move {
            let event = beat.next().await?;
            Some((Ok::<Event, Infallible>(event), beat))
        });
        Some(Sse::new(events).into_response())
    }
}

impl Beat {
    async fn next(&mut self) -> Option<Event> {
        while self.looks < LOOKS {
            self.looks += 1;
            if self.last.is_some() {
                tokio::select! {
                    () = self.stop.cancelled() => return None,
                    () = tokio::time::sleep(EVERY) => {}
                }
            }
            // The database may be away for a moment: the screen that is there is better than none.
            let Ok(Answer::Page(page)) = route::desk::view(&self.app, &self.ask, &self.hand).await else {
                self.last.get_or_insert(blake3::hash(b""));
                continue;
            };
            let html = render::html(&page).ok()?;
            let (_, rest) = html.split_once(BEGIN)?;
            let (live, _) = rest.split_once(END)?;
            let hash = blake3::hash(live.as_bytes());
            if self.last.replace(hash) != Some(hash) {
                return Some(Event::default().data(live.replace('\r', "")));
            }
        }
        None
    }
}
