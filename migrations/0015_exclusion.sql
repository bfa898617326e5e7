-- What the admin shut out.
create table exclusion (
    pattern     text primary key,
    reason      text not null,
    visibility  text not null default 'full' check (visibility in ('full', 'host', 'count')),
    excluded_at timestamptz not null default clock()
);
