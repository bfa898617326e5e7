-- What people asked for and a process does: one open job per kind and target, however often it is asked for.
create table job (
    id          bigint generated always as identity primary key,
    kind        text not null check (kind in ('recrawl', 'purge', 'rank', 'rebuild', 'verify')),
    target      text not null,
    state       text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
    asked_at    timestamptz not null default clock(),
    worker      uuid,
    lease_until timestamptz,
    done        bigint not null default 0,
    total       bigint,
    note        text not null default '',
    finished_at timestamptz
);
create unique index job_open on job (kind, target) where state in ('waiting', 'running');
create index job_waiting on job (kind, id) where state in ('waiting', 'running');
