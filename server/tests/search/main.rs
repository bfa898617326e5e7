//! What a person notices of the search: finding, ranking, operators, quotes.

#[cfg(test)]
mod around;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod languages;
#[cfg(test)]
mod library;
#[cfg(test)]
mod life;
#[cfg(test)]
mod operators;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod ranking;
