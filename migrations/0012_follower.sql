-- How far each follower of the feed has come; for its lag only, the truth is in its own index.
create table follower (
    name        text primary key,
    store       uuid not null,
    epoch       integer not null,
    change      bigint not null,
    reported_at timestamptz not null default clock()
);
