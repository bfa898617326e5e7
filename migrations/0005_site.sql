-- A site is a capsule or one user's folder of it: people, standing and budgets go by site.
create table site (
    capsule        bigint not null references capsule,
    -- "/" or the user's folder, "/~n/".
    folder         text not null,
    first_seen     timestamptz not null default clock(),
    -- What was used on `day`; another day starts at nought.
    day            date not null default '-infinity',
    requests_today integer not null default 0,
    bytes_today    bigint not null default 0,
    new_urls_today integer not null default 0,
    primary key (capsule, folder)
) with (fillfactor = 70);
