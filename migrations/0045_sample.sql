-- What the desk draws over time: gauges in slots of ten minutes, and how many requests of each hour came to what.
-- Written by servers, which look once a minute; kept for some weeks; daily figures for visitors are in `statistic`.
create table sample (
    -- 'due', 'breakers', 'sockets', 'lag.<follower>', 'disk.used', 'disk.total', 'outcome.<outcome>'.
    name  text        not null,
    -- The beginning of the slot, or of the hour.
    at    timestamptz not null,
    value bigint      not null,
    primary key (name, at)
);
-- How old samples are found that nobody needs any more.
create index sample_at on sample (at);

-- The requests of the last hours without reading a month of them: they are stored in the order of time.
create index request_at on request using brin (at);

-- Since when nothing has needed the admin: pushed on to now, again and again, while something does.
create table calm (
    one   boolean primary key default true check (one),
    since timestamptz not null default clock()
);
insert into calm default values;
