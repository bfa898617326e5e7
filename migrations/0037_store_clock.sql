-- The latest moment that any worker has seen on the store's clock. Where the clock shows an earlier one, it was set
-- back: whatever was put into the future by the wrong clock is brought back by the difference.
create table store_clock (
    is_one boolean primary key default true check (is_one),
    latest timestamptz not null,
    -- While that is being done: capsules up to this one are done.
    cursor bigint not null default 0
);
insert into store_clock (latest) values (clock());
