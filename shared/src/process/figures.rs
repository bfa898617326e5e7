//! Every figure that a process records: its name, its unit, and what it tells.
//!
//! This list is closed: there is no other way to record one, so whatever a scrape shows is explained here, and each
//! stands in an alert of `deploy/monitoring/alerts.yml` or on its dashboard. Names follow Prometheus: base units, and
//! counters end in `_total`. The label `component` (crawl, index, serve, postgres, up) is on all of them.

mod exposed;
mod kind;

pub use exposed::{ExposeError, Exposed, expose};
pub use kind::{Counter, Figure, Gauge, Held, Histogram, Kind, Unit};

use Unit::{Bytes, Seconds, Share, Things};

/// From a tenth of a millisecond to the longest visit.
const DURATIONS: &[f64] =
    &[0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Bounds of a histogram; other kinds have none.
macro_rules! kind {
    (Counter) => {
        Kind::Counter
    };
    (Gauge) => {
        Kind::Gauge
    };
    (Histogram) => {
        Kind::Histogram(DURATIONS)
    };
}

/// Each figure once: what records it, and its place in the list of all.
macro_rules! figures {
    ($($name:ident: $kind:ident<$count:literal> = $text:literal [$($label:literal),*], $unit:ident, $help:literal;)*) => {
        $(
            #[doc = $help]
            pub const $name: $kind<$count> = $kind::of(Figure {
                name: $text,
                unit: $unit,
                kind: kind!($kind),
                labels: &[$($label),*],
                help: $help,
            });
        )*

        /// All of them.
        pub const ALL: &[Figure] = &[$($name.figure()),*];
    };
}

figures! {
    // The process.
    BUILD: Gauge<1> = "sextant_build_info" ["version"], Share, "1, with the version of the program";
    CPU: Counter<0> = "process_cpu_seconds_total" [], Seconds, "Processor time used since the start of the process";
    DESCRIPTORS: Gauge<0> = "process_open_fds" [], Things, "Files and sockets that the process has open";
    DESCRIPTORS_MAX: Gauge<0> = "process_max_fds" [], Things, "Files and sockets that it may have open";
    MEMORY: Gauge<0> = "process_resident_memory_bytes" [], Bytes, "Memory that the process holds";
    STARTED: Gauge<0> = "process_start_time_seconds" [], Seconds, "When the process was started";
    READY: Gauge<0> = "sextant_ready" [], Share, "Whether the component can do its work now";
    STUCK: Gauge<0> = "sextant_stuck_parts" [], Things, "Parts of the component that have not moved for half of what the watchdog bears";
    RESTARTS: Counter<1> = "sextant_restarts_total" ["child"], Things, "Times that sextant up started a child anew because it had ended unasked";
    LOG_LEFT_OUT: Counter<0> = "sextant_log_lines_left_out_total" [], Things, "Lines that were left out of the log, to keep it short";
    // The machine.
    DISK_FREE: Gauge<0> = "sextant_disk_free_bytes" [], Bytes, "Room left on the disk of the state folder";
    DISK_SIZE: Gauge<0> = "sextant_disk_size_bytes" [], Bytes, "Size of the disk of the state folder";
    DISK_STEP: Gauge<0> = "sextant_disk_step" [], Things, "How scarce room is: 0 enough, 1 spare things are given up, 2 no new URLs, 3 no crawling";
    BACKUP: Gauge<0> = "sextant_backup_last_success_timestamp_seconds" [], Seconds, "When the newest backup was made";
    CERTIFICATE: Gauge<0> = "sextant_certificate_expiry_timestamp_seconds" [], Seconds, "When our certificate runs out";
    // The crawl.
    VISITS: Counter<1> = "sextant_visits_total" ["outcome"], Things, "Visits to pages, by how they ended";
    VISITS_OPEN: Gauge<0> = "sextant_visits_in_flight" [], Things, "Requests to capsules that are under way now";
    VISITED_BYTES: Counter<0> = "sextant_visited_bytes_total" [], Bytes, "Bytes of bodies that were read from capsules";
    STAGES: Histogram<1> = "sextant_fetch_stage_duration_seconds" ["stage"], Seconds, "How long each stage of a request takes: dns, connect, tls, answer, and the whole of it without dns";
    NAMES: Counter<1> = "sextant_dns_lookups_total" ["answer"], Things, "Names of capsules looked up: found, none, refused or silent";
    LAST_VISIT: Gauge<0> = "sextant_last_visit_timestamp_seconds" [], Seconds, "When the last visit was committed";
    TURNS: Counter<1> = "sextant_turns_total" ["end"], Things, "Turns of capsules, by how they ended: done, lost, stopped, database, machine, failed";
    IN_HAND: Gauge<0> = "sextant_turns_in_hand" [], Things, "Capsules in hand now";
    SOCKETS: Gauge<0> = "sextant_sockets_open" [], Things, "Sockets to capsules open now, as the ledger has them";
    OLDEST_SOCKET: Gauge<0> = "sextant_socket_oldest_seconds" [], Seconds, "How long the oldest of these sockets has been open";
    DUE: Gauge<0> = "sextant_capsules_due" [], Things, "Capsules that have something due";
    BRAKE: Gauge<1> = "sextant_crawl_brake" ["brake"], Share, "Whether this keeps the crawl from visiting anything: paused, hours, disk, database or machine";
    BATCHES: Histogram<0> = "sextant_batch_duration_seconds" [], Seconds, "How long it takes to store a batch of visits, with its commit";
    BATCHED: Counter<0> = "sextant_batch_visits_total" [], Things, "Visits stored in such batches";
    JOBS: Counter<1> = "sextant_jobs_total" ["kind"], Things, "Jobs ended by this component, by their kind";
    // The index.
    LAG: Gauge<0> = "sextant_index_lag_changes" [], Things, "Changes of the store that the index has not committed yet";
    LAG_AGE: Gauge<0> = "sextant_index_lag_seconds" [], Seconds, "For how long there have been such changes";
    INDEXED: Counter<0> = "sextant_index_entries_total" [], Things, "Entries of the feed taken into the index";
    COMMITS: Histogram<0> = "sextant_index_commit_duration_seconds" [], Seconds, "How long a commit of the index takes";
    QUARANTINED: Counter<0> = "sextant_index_quarantined_total" [], Things, "Indexes that were found damaged and set aside";
    REBUILDING: Gauge<0> = "sextant_index_rebuild_ratio" [], Share, "How much of a new index is built; 1 where none is being built";
    // The search.
    SEARCHABLE: Gauge<0> = "sextant_pages_searchable" [], Things, "Pages that can be found";
    SEARCHES: Counter<1> = "sextant_searches_total" ["result"], Things, "Searches, by what came of them: found, nothing, busy, late, absent (no index yet) or failed";
    SEARCH_TIME: Histogram<0> = "sextant_search_duration_seconds" [], Seconds, "How long a search takes that is answered, with its waiting for a thread";
    REQUESTS: Counter<2> = "sextant_requests_total" ["door", "status"], Things, "Answers at each door, by the first digit of their status";
    SHUT_OUT: Counter<1> = "sextant_limits_hit_total" ["limit"], Things, "Visitors kept waiting or shut out, by the limit: house, address, arrivals, requests or crowd";
    // The database.
    CONNECTIONS: Gauge<1> = "sextant_database_connections" ["state"], Things, "Connections of this process to Postgres: busy and idle";
    FAILURES: Counter<1> = "sextant_database_failures_total" ["reason"], Things, "Work that the database did not do: unreachable, deadline, contended or refused";
    REPORTS: Gauge<0> = "sextant_reports_waiting" [], Things, "Complaints of visitors that wait for the admin";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_say_their_units_and_every_figure_is_explained_once() {
        let names: BTreeSet<&str> = ALL.iter().map(|figure| figure.name).collect();
        assert_eq!(names.len(), ALL.len(), "a name stands for one figure");
        for figure in ALL {
            let Figure { name, unit, kind, labels, help } = figure;
            let bare = name.trim_end_matches("_total");
            match unit {
                Seconds => assert!(bare.ends_with("_seconds"), "{name}"),
                Bytes => assert!(bare.ends_with("_bytes"), "{name}"),
                Things | Share => {
                    assert!(!bare.ends_with("_seconds") && !bare.ends_with("_bytes"), "{name}");
                }
            }
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert!(help.len() > 3 && !help.ends_with('.'), "{name}: {help}");
            assert!(
                labels.iter().all(|label| !["host", "url", "query", "component"].contains(label)),
                "{name}"
            );
        }
    }
}
