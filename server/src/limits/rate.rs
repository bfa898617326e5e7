//! How often one address comes and asks: two token buckets each.
//!
//! An address is not kept. What counts it is a number made from it with a salt that only this run of the
//! program has, one of so many that the memory they all take is bounded. Two addresses may have the same
//! number, rarely, and nobody outside can tell which.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::{BURST, Limits};

/// Connections for each request that is allowed: whoever is told to wait and comes again at once still gets
/// to hear it, but not a flood of them, for each costs a handshake.
const ARRIVALS: NonZeroU32 = NonZeroU32::new(4).expect("not zero");

/// One of 65,536.
type Number = u16;

/// Counts by number.
pub(super) struct Rate {
    salt: RandomState,
    arrivals: DefaultKeyedRateLimiter<Number>,
    requests: DefaultKeyedRateLimiter<Number>,
}

impl Rate {
    pub(super) fn new(limits: &Limits) -> Self {
        let a_second = limits.requests_a_second;
        let bucket = |rate: NonZeroU32| {
            let burst = NonZeroU32::new(BURST).map_or(rate, |burst| rate.saturating_mul(burst));
            RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst))
        };
        Self {
            salt: RandomState::new(),
            arrivals: bucket(a_second.saturating_mul(ARRIVALS)),
            requests: bucket(a_second),
        }
    }

    /// Takes one of the address's connections; an error is the time until the next.
    pub(super) fn arrives(&self, address: IpAddr) -> Result<(), Duration> {
        take(&self.arrivals, self.number(address))
    }

    /// Takes one of the address's requests; an error is the time until the next.
    pub(super) fn asks(&self, address: IpAddr) -> Result<(), Duration> {
        take(&self.requests, self.number(address))
    }

    fn number(&self, address: IpAddr) -> Number {
        let [.., high, low] = self.salt.hash_one(address).to_be_bytes();
        Number::from_be_bytes([high, low])
    }
}

fn take(limiter: &DefaultKeyedRateLimiter<Number>, number: Number) -> Result<(), Duration> {
    let taken = limiter.check_key(&number);
    taken.map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
}

impl std::fmt::Debug for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rate").finish_non_exhaustive()
    }
}
