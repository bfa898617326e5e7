//! The indexes: how far each follower is, the generations on this machine, and what can be asked of them.

use shared::index::generation::{Generation, IndexFolder};
use shared::store::feed::follower::{self, Report};
use shared::store::feed::identity;
use shared::store::{Store, StoreError};

use super::board::{Block, Board, Mood, Row};
use super::deed::Deed;
use crate::paths::desk;
use crate::render::phrase::{self, grouped, span};

/// What the board is made of.
#[derive(Clone, Debug)]
pub struct Indexes {
    /// Every follower that has told of itself.
    pub followers: Vec<Report>,
    /// The highest change of the feed.
    pub changes: u64,
    /// The generations in the folder of this machine.
    pub generations: Vec<Shelf>,
    /// How far a rebuild here has come, in percent, if there is one.
    pub rebuilding: Option<u8>,
}

/// A generation on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// Its name, which begins with the number of its schema.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Bytes on the disk, where they can be counted.
    pub size_bytes: Option<u64>,
}

/// What a generation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is searched.
    Serves,
    /// It is kept to roll back to.
    Kept,
}

/// Reads them.
///
/// # Errors
///
/// When the database is away.
pub async fn load(store: &Store, folder: &IndexFolder) -> Result<Indexes, StoreError> {
    let shelf = |generation: Option<Generation>, role| {
        generation.map(|generation| Shelf {
            name: generation.name().to_owned(),
            role,
            size_bytes: generation.size_bytes().ok(),
        })
    };
    let current = shelf(folder.current().ok().flatten(), Role::Serves);
    let kept = shelf(folder.kept().ok().flatten(), Role::Kept);
    store
        .read(async |c| {
            Ok(Indexes {
                followers: follower::all(c).await?,
                changes: identity::current(c).await?.highest.0.unsigned_abs(),
                generations: current.into_iter().chain(kept).collect(),
                rebuilding: folder.rebuilding(),
            })
        })
        .await
}

/// How far an index is behind what was crawled.
#[must_use]
pub fn behind(lag: u64) -> String {
    match lag {
        0 => "has all that was crawled".to_owned(),
        lag => format!("{} behind", phrase::count(lag, "change", "changes")),
    }
}

/// The board.
#[must_use]
pub fn shown(indexes: &Indexes) -> Board {
    let lag = indexes.followers.iter().map(|index| index.lag).max();
    let (mood, verdict) = match (indexes.rebuilding, lag) {
        (Some(percent), _) => {
            (Mood::Busy, format!("The index is being rebuilt, {percent} %; the old one serves meanwhile."))
        }
        (None, None) => (Mood::Trouble, "There is no index yet, so nothing can be found.".to_owned()),
        (None, Some(0)) => (Mood::Well, "Every index has all that was crawled.".to_owned()),
        (None, Some(lag)) => {
            (Mood::Busy, format!("The slowest index is {} behind.", phrase::count(lag, "change", "changes")))
        }
    };
    let followers = indexes.followers.iter().map(|index| {
        let mood = if index.lag == 0 { Mood::Well } else { Mood::Busy };
        Row::new(mood, format!("Index {}", index.name))
            .with([
                behind(index.lag),
                format!(
                    "at change {} of {}",
                    grouped(index.change.0.unsigned_abs()),
                    grouped(indexes.changes)
                ),
                format!("heard of {} ago", span(index.age)),
            ])
            .offering(Deed::Verify, &index.name)
            .offering(Deed::Rebuild, &index.name)
            .offering(Deed::RollBack, &index.name)
    });
    let generations = indexes.generations.iter().map(|shelf| {
        let (mood, role) = match shelf.role {
            Role::Serves => (Mood::Well, "is searched"),
            Role::Kept => (Mood::Plain, "kept to roll back to"),
        };
        let size = shelf.size_bytes.map(phrase::bytes).unwrap_or_default();
        Row::new(mood, &shelf.name).with([role.to_owned(), size])
    });
    Board::new("Index", desk::INDEX, mood, verdict)
        .part("Every index that has ever told of itself", vec![Block::Rows(followers.collect())])
        .part("On this machine", vec![Block::Rows(generations.collect())])
}
