//! What a person notices of the search: finding, ranking, operators, quotes.

mod languages;
mod library;
mod life;
mod operators;
mod ranking;
