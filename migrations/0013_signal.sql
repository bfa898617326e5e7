-- What the rank pass found; each follower writes it as a file beside its index.
create table signal_page (
    page           bigint primary key,
    -- Links from other sites, and from its own.
    external_links integer not null,
    internal_links integer not null
);
create table signal_site (
    capsule   bigint not null,
    folder    text not null,
    -- Share of the sites' standing, 0 to 1, the best site is 1.
    authority real not null,
    -- What it calls itself: the title of its front page.
    name      text not null,
    primary key (capsule, folder)
);
-- One row: which pass the two tables come from.
create table signal_pass (
    only_row  boolean primary key default true check (only_row),
    pass      bigint not null,
    finished_at timestamptz not null
);
insert into signal_pass values (true, 0, '-infinity');
