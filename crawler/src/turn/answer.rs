//! What an answer says, whatever it was asked for: pure readings of a fetch.

use std::time::Duration;

use shared::gemini::response::{Permanence, ResponseHeader};
use shared::gemini::status::Status;
use shared::store::crawl::request::SentRequest;
use shared::store::id::CapsuleId;
use shared::store::known::certificate::SeenCertificate;
use shared::store::outcome::{Outcome, Stage};

use crate::fetch::fetched::{Ending, Fault, FetchError, Fetched};
use crate::fetch::limits::Limit;

/// An answer, or why there is none.
pub type Answer = Result<Fetched, FetchError>;

/// How a request ended, as far as its header says, and the wait that status 44 named.
#[must_use]
pub fn outcome(answer: &Answer) -> (Outcome, Option<Duration>) {
    let header = match answer {
        Ok(fetched) => &fetched.header,
        Err(error) => return (failed(error), None),
    };
    let outcome = match header {
        ResponseHeader::Input { .. } => Outcome::WantsInput,
        ResponseHeader::Success(_) => Outcome::Fetched,
        ResponseHeader::Redirect { permanence, .. } => match permanence {
            Permanence::Temporary => Outcome::MovedTemporarily,
            Permanence::Permanent => Outcome::MovedPermanently,
        },
        ResponseHeader::TemporaryFailure { .. } => Outcome::TemporaryFailure,
        ResponseHeader::SlowDown { wait, .. } => return (Outcome::SlowDown, *wait),
        ResponseHeader::PermanentFailure { status, .. } => permanent(*status),
        ResponseHeader::Certificate { .. } => Outcome::WantsCertificate,
    };
    (outcome, None)
}

fn failed(error: &FetchError) -> Outcome {
    match error.fault() {
        Fault::Answer => Outcome::Malformed,
        Fault::Rules | Fault::Server | Fault::Machine | Fault::Nobody => Outcome::Unreachable(error.stage()),
    }
}

/// 50, 59 and undefined ones say as much as 51: there is nothing to be had today.
const fn permanent(status: Status) -> Outcome {
    match status {
        Status::Gone => Outcome::Gone,
        Status::ProxyRequestRefused => Outcome::ForeignHost,
        Status::PermanentFailure
        | Status::NotFound
        | Status::BadRequest
        | Status::Undefined { .. }
        | Status::Input
        | Status::SensitiveInput
        | Status::Success
        | Status::RedirectTemporary
        | Status::RedirectPermanent
        | Status::TemporaryFailure
        | Status::ServerUnavailable
        | Status::CgiError
        | Status::ProxyError
        | Status::SlowDown
        | Status::CertificateRequired
        | Status::CertificateNotAuthorised
        | Status::CertificateNotValid => Outcome::NotFound,
    }
}

/// Whether a body ended before its end, other than by our own limit of size.
#[must_use]
pub fn was_cut_short(fetched: &Fetched) -> bool {
    match fetched.body.ending() {
        Ending::CutByReset | Ending::CutByTlsError => true,
        Ending::CutByLimit(limit) => match limit {
            Limit::Size => false,
            Limit::Silence | Limit::Rate | Limit::Visit | Limit::Permits => true,
        },
        Ending::Complete | Ending::WithoutCloseNotify | Ending::NotRead => false,
    }
}

/// The row of a request; none where no connection was tried: the name has no address, or the rules forbid it.
#[must_use]
pub fn request(
    capsule: CapsuleId,
    path: &str,
    outcome: Outcome,
    took: Duration,
    answer: &Answer,
) -> Option<SentRequest> {
    let was_sent = match answer {
        Ok(_) => true,
        Err(error) => match error.fault() {
            Fault::Server | Fault::Answer => error.stage() != Stage::Dns,
            Fault::Rules | Fault::Machine | Fault::Nobody => false,
        },
    };
    was_sent.then(|| SentRequest {
        capsule,
        path: path.to_owned(),
        outcome,
        status: answer.as_ref().ok().map(|fetched| fetched.header.status().code()),
        took,
        size_bytes: answer.as_ref().map_or(0, |fetched| fetched.body.bytes().len() as u64),
    })
}

/// The certificate that was shown, as the store keeps it.
#[must_use]
pub fn certificate(capsule: CapsuleId, answer: &Answer) -> Option<SeenCertificate> {
    let seen = answer.as_ref().ok()?.certificate;
    Some(SeenCertificate {
        capsule,
        fingerprint: seen.fingerprint,
        not_after: seen.not_after,
        signature: seen.signature,
    })
}
