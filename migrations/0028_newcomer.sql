-- A name costs nothing where a domain answers for every one (wildcard DNS): only so many new hosts of one registrable
-- domain, and at one address, are taken up in a day, unless independent sites link to them.
alter table capsule
    -- Its registrable domain, where it came by a link; null: a seed, a routed host, or from before this rule.
    add column domain     text,
    -- When it first had an address. A capsule without one is a newcomer at the address that its name leads to.
    add column settled_at timestamptz;
update capsule set settled_at = first_seen where ip is not null or answered_at is not null;
-- The newcomers of a domain today.
create index capsule_domain on capsule (domain, first_seen) where domain is not null;

alter table address
    -- Newcomers that settled here on newcomers_day; another day starts at nought.
    add column newcomers_day   date not null default '-infinity',
    add column newcomers_today integer not null default 0;

-- Hosts that are not taken up yet, for their domain has had its newcomers of the day.
create table newcomer (
    host       text not null,
    port       integer not null,
    -- Registrable domains of sites that link to it, three at most: so many make it known.
    linked_by  text[] not null,
    first_seen timestamptz not null default clock(),
    primary key (host, port)
);
