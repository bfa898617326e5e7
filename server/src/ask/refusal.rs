//! Why a search could not be made, as whoever asked needs to know it.

use crate::render::problem::Problem;
use crate::search::SearchError;

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Busy { retry_after } | SearchError::Late { retry_after } => {
                Self::Busy { retry_after }
            }
            SearchError::NoIndex => Self::NoIndexYet,
            SearchError::TooHard => Self::TooHard,
            SearchError::Engine(source) => {
                tracing::error!(error = &source as &dyn std::error::Error, "a search failed");
                Self::Broken
            }
        }
    }
}
