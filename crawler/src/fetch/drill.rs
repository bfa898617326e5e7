//! Hangs on purpose: what no reading of the code can rule out.
//!
//! Compiled only with the feature `hang-drill`. The file that `SEXTANT_DRILL` names says what is to hang; the word is
//! taken out as it takes effect, so the process that is started again works. The test `hangs` writes it, and must see
//! the hang noticed and healed.

use std::fs;

/// Names the file.
const FILE: &str = "SEXTANT_DRILL";

/// Whether this word is written there.
fn is_asked(word: &str) -> bool {
    said().is_some_and(|(_, said)| said.trim() == word)
}

fn said() -> Option<(std::ffi::OsString, String)> {
    let file = std::env::var_os(FILE)?;
    let said = fs::read_to_string(&file).ok()?;
    Some((file, said))
}

/// Whether this word was written there; it is taken out.
pub(crate) fn taken(word: &str) -> bool {
    let asked = said().filter(|(_, said)| said.trim() == word);
    asked.is_some_and(|(file, _)| fs::write(file, "").is_ok())
}

/// Lookups get no answer as long as the word stands in the file.
pub(super) async fn resolver() {
    if is_asked("resolver") {
        std::future::pending::<()>().await;
    }
}
