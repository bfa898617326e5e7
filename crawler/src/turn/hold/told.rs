//! What the store was told of a capsule in this turn. Nearly every visit of a turn finds the capsule as the one before
//! did, showing the same certificate: to write that anew each time would double the rows that a batch writes.

use shared::store::known::capsule::CapsuleAfter;
use shared::store::known::certificate::SeenCertificate;

use crate::record::handover::Visit;

/// What the store was told last.
#[derive(Debug, Default)]
pub(super) struct Told {
    state: Option<CapsuleAfter>,
    certificate: Option<SeenCertificate>,
}

impl Told {
    /// The visit with nothing of the capsule but news. That it answered is told once: the moment of its last answer is
    /// right to within a turn.
    pub(super) fn only_news(&mut self, visit: Visit) -> Visit {
        // A breaker opens from the visit on, however long it was to stay open before.
        let is_news = |state: &CapsuleAfter| state.breaker.is_some() || self.state != Some(*state);
        let capsule = visit.capsule.filter(is_news);
        let certificate = visit.certificate.filter(|seen| self.certificate != Some(*seen));
        self.state = visit.capsule.or(self.state);
        self.certificate = visit.certificate.or(self.certificate);
        Visit { capsule, certificate, ..visit }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shared::gemini::fingerprint::Fingerprint;
    use shared::store::id::CapsuleId;
    use shared::store::known::capsule::Answer;
    use shared::store::known::certificate::Signature;

    use super::*;
    use crate::record::handover::Subject;

    fn state(failures: u32, breaker: Option<Duration>) -> CapsuleAfter {
        let answer = if failures == 0 { Answer::Came } else { Answer::Failed };
        CapsuleAfter { capsule: CapsuleId(1), slow_gap: Duration::ZERO, failures, breaker, answer }
    }

    fn key(of: &str) -> SeenCertificate {
        let fingerprint = Fingerprint::of(of.as_bytes());
        SeenCertificate { capsule: CapsuleId(1), fingerprint, not_after: None, signature: Signature::Checked }
    }

    fn visit(state: CapsuleAfter, certificate: Option<SeenCertificate>) -> Visit {
        let folder = "/".to_owned();
        Visit { request: None, folder, capsule: Some(state), certificate, subject: Subject::Detour }
    }

    #[test]
    fn only_what_differs_from_the_visit_before_is_told() {
        let mut told = Told::default();
        let mut tell = |state, certificate| {
            let visit = told.only_news(visit(state, certificate));
            (visit.capsule, visit.certificate)
        };
        let well = state(0, None);
        assert_eq!(tell(well, Some(key("a"))), (Some(well), Some(key("a"))), "the first says all");
        assert_eq!(tell(well, Some(key("a"))), (None, None), "the same again says nothing");
        assert_eq!(tell(well, None), (None, None), "no handshake is no other key");
        assert_eq!(tell(well, Some(key("b"))), (None, Some(key("b"))), "another key");
        assert_eq!(tell(well, Some(key("a"))), (None, Some(key("a"))), "and back: it was seen later");
        let failing = state(1, None);
        assert_eq!(tell(failing, None), (Some(failing), None), "it fails");
        assert_eq!(tell(well, None), (Some(well), None), "it is back");
    }

    #[test]
    fn an_open_breaker_is_told_each_time() {
        let mut told = Told::default();
        let open = state(3, Some(Duration::from_secs(60)));
        for _visit in 0..2 {
            assert_eq!(told.only_news(visit(open, None)).capsule, Some(open));
        }
    }
}
