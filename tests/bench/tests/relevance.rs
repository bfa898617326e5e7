//! How good the ranking is on collections with judgments, through store, indexer and search. The bounds are
//! honest: a little under what was reached, so that a change for the worse fails and one for the better moves
//! them up.
//!
//! The collections are not in the repository. `SEXTANT_SHARED_DATA` names the folder that holds them
//! (`../shared` beside the checkout if unset); without it these tests say so and pass.

use bench::quality::files::shared_data;
use bench::quality::measure::Measured;
use bench::relevance;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cranfield() {
    let Some(measured) = measured("cranfield").await else { return };
    assert!(measured.ndcg >= 0.4, "{measured}");
    assert!(measured.recall >= 0.69, "{measured}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn med() {
    let Some(measured) = measured("med").await else { return };
    assert!(measured.ndcg >= 0.71, "{measured}");
    assert!(measured.recall >= 0.75, "{measured}");
}

async fn measured(name: &str) -> Option<Measured> {
    let folder = shared_data("relevance")?.join(name);
    let (measured, _) = relevance::measure(&folder).await.expect("a collection and its search");
    Some(measured)
}
