-- Lease tokens: every lease gets a new one, and every later write of the turn is checked against it.
create sequence lease_token;

-- A capsule is a host and port: the unit of leases, pace and TLS.
create table capsule (
    id          bigint generated always as identity primary key,
    host        text not null,
    port        integer not null check (port between 1 and 65535),
    first_seen  timestamptz not null default clock(),
    -- The last known address; the lease takes it together with the capsule.
    ip          inet,
    -- When the next turn is wanted; null: nothing is due. Never earlier than next_at and breaker_until.
    due_at      timestamptz,
    -- No connection before this moment.
    next_at     timestamptz not null default '-infinity',
    worker      uuid,
    token       bigint,
    lease_until timestamptz,
    -- Gap that status 44 asked for; decays over days.
    slow_gap_ms bigint not null default 0,
    -- Connection failures in a row; at five the breaker opens.
    failures    integer not null default 0,
    breaker_until timestamptz,
    -- Last answer of any kind, and since when there has been none.
    answered_at timestamptz,
    failing_since timestamptz,
    unique (host, port)
) with (fillfactor = 70);

-- The lease looks for the capsule that has waited longest.
create index capsule_due on capsule (due_at) where due_at is not null;
-- A restarted worker takes its leases back.
create index capsule_worker on capsule (worker) where worker is not null;
