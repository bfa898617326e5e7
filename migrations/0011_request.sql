-- Every request that was sent, by month, 90 days: owners can see what we asked of them.
create table request (
    at          timestamptz not null default clock(),
    capsule     bigint not null,
    path        text not null,
    outcome     text not null,
    status      smallint,
    duration_ms integer not null,
    size_bytes  bigint not null
) partition by range (at);
create index request_capsule on request (capsule, at);

-- Rows of a month whose partition upkeep has not made yet; a crawl never fails for want of a partition.
create table request_other partition of request default;

-- Makes the partition of the month of `moment` unless it is there. Rows that waited in the default partition move in.
create function request_partition(moment timestamptz) returns void language plpgsql as $$
declare
    first date := date_trunc('month', moment at time zone 'UTC');
    name  text := 'request_' || to_char(first, 'YYYY_MM');
begin
    if to_regclass(name) is not null then return; end if;
    execute format('create table %I (like request including defaults)', name);
    execute format('with moved as (delete from request_other where at >= %L and at < %L returning *) insert into %I select * from moved',
                   first::timestamptz, (first + interval '1 month')::timestamptz, name);
    execute format('alter table request attach partition %I for values from (%L) to (%L)',
                   name, first::timestamptz, (first + interval '1 month')::timestamptz);
end $$;
select request_partition(clock()), request_partition(clock() + interval '1 month');

-- Drops the partitions of months that ended before `moment`: retention costs one statement, not a vacuum.
create function request_drop_before(moment timestamptz) returns void language plpgsql as $$
declare
    name text;
begin
    for name in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'request'::regclass and c.relname ~ '^request_\d{4}_\d{2}$'
          and to_date(substr(c.relname, 9), 'YYYY_MM') + interval '1 month' <= moment at time zone 'UTC'
    loop
        execute format('drop table %I', name);
    end loop;
end $$;
