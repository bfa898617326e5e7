-- The register of removals: what was taken out for good, and when. Every machine with an indexer or a server keeps the
-- same entries in a file of its own, so that they outlive this database: after a restore they are put back and applied.
create table removal (
    id         bigint generated always as identity primary key,
    -- Which pages, as an admin writes it.
    pattern    text not null,
    -- Only what was fetched before this moment is removed.
    removed_at timestamptz not null default clock(),
    -- Whose wish it was: `takedown` (an admin's), `owner` (its owner's), `gone` (its server answered 52). The first two
    -- keep the pages out as well.
    origin     text not null,
    -- When the pages were taken out; null: it is still to be done.
    applied_at timestamptz,
    unique (pattern, removed_at)
);
-- What is still to be done.
create index removal_open on removal (id) where applied_at is null;
-- What came up while a visit was under way.
create index removal_moment on removal (removed_at);
