//! Answers as JSON.

use serde::Serialize;

use crate::render::problem::Problem;

/// An answer as JSON.
pub(super) fn written(answer: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "an answer could not be written as JSON");
        Problem::Broken
    })
}
