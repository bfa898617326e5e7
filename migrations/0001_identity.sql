-- What this store is, and how its changes are numbered.

-- The one source of time for every statement, so that a test can move the clock by replacing it.
-- Stable, not volatile: an index can serve `due_at <= clock()`.
create function clock() returns timestamptz language sql stable as 'select statement_timestamp()';

-- Change numbers are drawn from here only under the advisory lock of the feed (see shared::store::feed::change):
-- a sequence alone becomes visible out of order under concurrent writers and loses changes.
create sequence change_number;

-- One row: the identity that followers of the feed compare. A restore and a promotion raise the epoch.
create table store_identity (
    only_row          boolean primary key default true check (only_row),
    store             uuid    not null default gen_random_uuid(),
    epoch             integer not null default 1,
    -- Postgres's own identity at the last writer's connection; another one means that this is a copy.
    system_identifier text    not null,
    timeline          text    not null,
    -- Changes up to this number may be missing from the feed (tombstones are dropped in the end): a follower below it rebuilds.
    floor             bigint  not null default 0
);

insert into store_identity (system_identifier, timeline)
select system_identifier::text, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) from pg_control_system();
