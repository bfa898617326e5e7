-- Who did what: every act of an admin or owner.
create table audit (
    id     bigint generated always as identity primary key,
    at     timestamptz not null default clock(),
    actor  text not null,
    act    text not null,
    target text not null,
    note   text not null default ''
);
