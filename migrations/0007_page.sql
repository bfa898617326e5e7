-- A page is a canonical URL: its capsule and its path with query.
create table page (
    id          bigint generated always as identity,
    capsule     bigint not null references capsule,
    path        text not null,
    -- The site it belongs to.
    folder      text not null,
    -- How it came here: found by the crawl, put in by ourselves (help pages), or brought by an archive.
    origin      text not null default 'crawl' check (origin in ('crawl', 'own', 'archive')),
    first_seen  timestamptz not null default clock(),
    -- Redirects on the way here (limit 5).
    hops        smallint not null default 0,

    -- Schedule. due_at null: never again by itself.
    due_at      timestamptz,
    interval_s  bigint not null default 0,
    -- Transient failures in a row.
    failures    integer not null default 0,

    -- The last visit.
    visited_at  timestamptz,
    outcome     text,
    -- Where a redirect led, a page of any capsule; labels of moved URLs flow to it.
    moved_to    bigint,

    -- What searchers may see of it: unseen (never fetched), searchable, withdrawn (out of search for now), gone (tombstone).
    standing    text not null default 'unseen' check (standing in ('unseen', 'searchable', 'withdrawn', 'gone')),
    title       text not null default '',
    kind        text not null default 'page',
    media_type  text not null default '',
    language    text,
    charset     text,
    size_bytes  bigint,
    content     bytea,
    fetched_at  timestamptz,
    changed_at  timestamptz,
    -- Digest of the labels that pointed here when the page was last numbered.
    anchors     bytea,

    -- Its place in the feed; null: a follower need not know it.
    change      bigint,
    primary key (capsule, id),
    unique (capsule, path),
    foreign key (capsule, content) references content (capsule, hash)
) with (fillfactor = 80);

-- Ids are unique over all capsules: the index knows pages by id alone.
create unique index page_id on page (id);
-- A turn's due pages.
create index page_due on page (capsule, due_at) where due_at is not null;
-- The feed.
create unique index page_change on page (change) where change is not null;
-- Whose labels flow to a redirect's target.
create index page_moved on page (moved_to) where moved_to is not null;
-- Content that no page holds any more is dropped.
create index page_content on page (capsule, content) where content is not null;
