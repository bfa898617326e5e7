//! What ends a turn before its work is done, and whose fault it is.

use crate::fetch::fetched::{Fault, FetchError};
use crate::frontier::seam::FrontierError;

/// Why a turn cannot go on.
#[derive(Debug)]
pub enum Halt {
    /// The lease was lost: another worker has the capsule.
    Lost,
    /// The crawler is asked to stop.
    Stopped,
    /// The frontier did not answer.
    Frontier(FrontierError),
    /// Our own machine cannot open connections now; the capsule is not to blame.
    OurFault(FetchError),
}

/// Tells what is the capsule's from what is ours.
pub(super) fn blame<T>(fetched: Result<T, FetchError>) -> Result<Result<T, FetchError>, Halt> {
    match fetched {
        Ok(fetched) => Ok(Ok(fetched)),
        Err(error) => match error.fault() {
            Fault::Rules | Fault::Server | Fault::Answer => Ok(Err(error)),
            Fault::Machine => Err(Halt::OurFault(error)),
            Fault::Nobody => Err(Halt::Stopped),
        },
    }
}
