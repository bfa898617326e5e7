-- Complaints: what a visitor wants taken down or put right, for the admin to judge.
create table report (
    id          bigint generated always as identity primary key,
    -- Stands in the receipt's address: who has it can see what became of the report, nobody else.
    token       uuid not null unique default gen_random_uuid(),
    -- The page or capsule, as it was given.
    url         text not null,
    reason      text not null,
    reported_at timestamptz not null default clock(),
    state       text not null default 'open' check (state in ('open', 'accepted', 'declined')),
    -- What the admin says to whoever reported it.
    answer      text not null default '',
    answered_at timestamptz
);
create index report_open on report (id) where state = 'open';
