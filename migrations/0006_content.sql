-- What a page says, kept once per capsule and hash: an unchanged or moved page costs nothing, mirrors are found by hash.
create table content (
    capsule  bigint not null references capsule,
    -- Over words and links, not bytes.
    hash     bytea not null,
    -- The decoded document as it was served.
    source   text not null,
    -- The prose that is searched, the headings and the alt texts of its preformatted blocks.
    body     text not null,
    headings text[] not null,
    alt      text[] not null,
    primary key (capsule, hash)
);
-- Copies on other capsules.
create index content_hash on content (hash);
