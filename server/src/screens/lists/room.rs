//! Room for everybody in a list of what is new: who brings much has the first few places of each day, and no more.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use shared::store::known::listing::OF_A_SITE_AND_DAY;

/// Counts places, by whose they are and the day (in UTC).
#[derive(Debug, Default)]
pub struct Room {
    taken: BTreeMap<(String, NaiveDate), i64>,
}

impl Room {
    /// Takes a place for something of theirs and of that moment's day, if there is one.
    pub fn takes(&mut self, whose: String, moment: DateTime<Utc>) -> bool {
        let taken = self.taken.entry((whose, moment.date_naive())).or_default();
        *taken += 1;
        *taken <= OF_A_SITE_AND_DAY
    }
}
