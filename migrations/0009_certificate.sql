-- Trust on first use: every certificate a capsule has shown. A change is recorded and shown; it stops nothing.
create table certificate (
    capsule     bigint not null references capsule,
    fingerprint bytea not null,
    first_seen  timestamptz not null default clock(),
    last_seen   timestamptz not null default clock(),
    not_after   timestamptz,
    -- Whether the handshake's signature was checked against the key.
    signature   text not null check (signature in ('checked', 'unchecked')),
    primary key (capsule, fingerprint)
);
