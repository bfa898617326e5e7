use super::*;

use shared::store::id::{ContentHash, StoreIdentity};

const PLACE: ChangeId = ChangeId(100);

fn hash(of: u8) -> Option<ContentHash> {
    (of != 0).then_some(ContentHash([of; 32]))
}

/// (page, change, content); content 0 is none.
type Row = (i64, i64, u8);

/// Compares; `known` is what the store says of suspects: (page, change, is it shown).
fn compare_rows(index: &[Row], store: &[Row], known: &[(i64, i64, bool)]) -> VerifyReport {
    let identity = StoreIdentity { store: "00000000-0000-0000-0000-000000000001".parse().unwrap(), epoch: 1 };
    let lines = index
        .iter()
        .map(|(page, change, content)| IndexedLine {
            page: PageId(*page),
            change: ChangeId(*change),
            content: hash(*content).map(|hash| number(&hash.0)),
        })
        .collect();
    let place = Checkpoint::new(identity, PLACE);
    let mut comparison = Comparison::new(Indexed { place, lines });
    for (page, change, content) in store {
        comparison.stored(Line { page: PageId(*page), change: ChangeId(*change), content: hash(*content) });
    }
    let mut open = comparison.finish();
    for (page, change, is_shown) in known {
        open.explain(Known { page: PageId(*page), change: ChangeId(*change), is_shown: *is_shown });
    }
    open.report()
}

/// Expects (missing, extra, stale, pending).
#[track_caller]
fn check(index: &[Row], store: &[Row], known: &[(i64, i64, bool)], expected: (&[i64], &[i64], &[i64], u64)) {
    let report = compare_rows(index, store, known);
    let pages = |findings: &Findings| findings.first.iter().map(|page| page.0).collect::<Vec<_>>();
    let found = (pages(&report.missing), pages(&report.extra), pages(&report.stale), report.pending);
    assert_eq!(
        found,
        (expected.0.to_vec(), expected.1.to_vec(), expected.2.to_vec(), expected.3),
        "{report}"
    );
}

#[test]
fn an_index_as_the_store_has_no_differences() {
    let rows = [(1, 5, 1), (2, 7, 0), (9, 100, 3)];
    check(&rows, &rows, &[], (&[], &[], &[], 0));
    assert_eq!(compare_rows(&rows, &rows, &[]).matching, 3);
    check(&[], &[], &[], (&[], &[], &[], 0));
}

#[test]
fn a_page_that_only_the_store_has_is_missing() {
    check(&[(2, 7, 1)], &[(1, 5, 1), (2, 7, 1), (3, 8, 1)], &[], (&[1, 3], &[], &[], 0));
}

#[test]
fn a_page_that_only_the_index_has_is_extra() {
    check(&[(1, 5, 1), (2, 7, 1), (3, 8, 1)], &[(2, 7, 1)], &[], (&[], &[1, 3], &[], 0));
    check(&[(1, 5, 1)], &[], &[(1, 50, false)], (&[], &[1], &[], 0));
}

#[test]
fn a_page_that_the_index_has_twice_is_extra() {
    check(&[(1, 4, 1), (1, 5, 1)], &[(1, 4, 1)], &[], (&[], &[1], &[], 0));
}

#[test]
fn another_number_or_another_content_is_stale() {
    check(&[(1, 4, 1)], &[(1, 5, 1)], &[], (&[], &[], &[1], 0));
    check(&[(1, 5, 1)], &[(1, 5, 2)], &[], (&[], &[], &[1], 0));
    check(&[(1, 5, 0)], &[(1, 5, 2)], &[], (&[], &[], &[1], 0));
}

#[test]
fn what_changed_after_the_index_was_read_is_pending_and_no_difference() {
    check(&[(1, 5, 1)], &[(1, 101, 2)], &[], (&[], &[], &[], 1));
    check(&[], &[(1, 101, 2)], &[], (&[], &[], &[], 1));
    // Removed after the index was read, and changed between the two readings.
    check(&[(1, 5, 1)], &[], &[(1, 102, false)], (&[], &[], &[], 1));
    check(&[], &[(1, 5, 1)], &[(1, 103, true)], (&[], &[], &[], 1));
}

#[test]
fn a_page_that_a_rule_shuts_out_is_rightly_not_in_the_index() {
    check(&[], &[(1, 5, 1)], &[(1, 5, false)], (&[], &[], &[], 0));
    check(&[], &[(1, 5, 1)], &[(1, 5, true)], (&[1], &[], &[], 0));
}

#[test]
fn a_report_names_the_first_pages_and_counts_all() {
    let store: Vec<Row> = (1..=50).map(|page| (page, 5, 1)).collect();
    let report = compare_rows(&[], &store, &[]);
    assert_eq!((report.differences(), report.missing.first.len()), (50, 20));
    assert!(report.to_string().starts_with("50 differences (50 missing, 0 extra, 0 stale)"), "{report}");
    assert!(report.to_string().ends_with(" 20 ..."), "{report}");
}
