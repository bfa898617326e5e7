//! How good the ranking is, on collections with judgments. The bounds are honest: a little under what was
//! reached, so that a change for the worse fails and one for the better moves them up.
//!
//! The collections are not in the repository. `SEXTANT_SHARED_DATA` names the folder that holds them
//! (`../shared` beside the checkout if unset); without it these tests say so and pass.

#[cfg(test)]
mod data;
#[cfg(test)]
mod index;
#[cfg(test)]
mod measure;

use measure::Measured;

#[tokio::test]
async fn cranfield() {
    let Some(measured) = measure::collection("cranfield").await else { return };
    assert!(measured.ndcg >= 0.39, "{measured}");
}

#[tokio::test]
async fn med() {
    let Some(measured) = measure::collection("med").await else { return };
    assert!(measured.ndcg >= 0.688, "{measured}");
}

#[tokio::test]
async fn known_items_of_real_capsules() {
    let Some(kinds) = measure::known_items().await else { return };
    let of = |kind: &str| kinds.get(kind).copied().unwrap_or_default();
    let least = |kind: &str, bound: f32| {
        let Measured { mrr, .. } = of(kind);
        assert!(mrr >= bound, "{kind}: {}", of(kind));
    };
    least("title", 0.97);
    least("body", 0.87);
    least("anchor-local", 0.74);
    least("anchor-cross", 0.93);
}
