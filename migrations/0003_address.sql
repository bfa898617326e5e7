-- Server addresses: politeness goes by address as well as by capsule, for one machine can hold hundreds of capsules.
create table address (
    ip          inet primary key,
    -- No connection before this moment; stored before a connection is opened, so that a crash loop cannot hammer.
    next_at     timestamptz not null default '-infinity',
    -- The lease goes with the lease of one capsule (same token).
    worker      uuid,
    token       bigint,
    lease_until timestamptz
) with (fillfactor = 70);
-- A turn's writes find their address by the token.
create index address_token on address (token) where token is not null;
