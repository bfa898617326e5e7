-- Crawler processes. A worker is known by the identity in its locked state folder, so that after a restart it can
-- take back the leases of the process before it.
create table worker (
    id          uuid primary key,
    started_at  timestamptz not null default clock(),
    beat_at     timestamptz not null default clock(),
    -- The open sockets of its ledger, for any desk to list: [{host, stage, age_ms, fd}].
    connections jsonb not null default '[]'
);
