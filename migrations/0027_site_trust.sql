-- A site's budget of new URLs grows with its useful days and is spent faster where it smells of a trap. The figures of
-- `day` beside those that are there: pages read for the first time that say something of their own, pages that are all
-- but like others of the site, and new URLs that found no budget and wait.
alter table site
    add column useful_today  integer not null default 0,
    add column alike_today   integer not null default 0,
    add column waiting_today integer not null default 0,
    -- Days that brought enough useful pages, over all time: the budget grows with them.
    add column useful_days   integer not null default 0,
    -- Likenesses of the latest pages that were not alike, the oldest first, eight bytes each: what a new page is compared with.
    add column sketch        bytea   not null default '',
    -- The usual time between visits of its pages, where most of them are known well enough; a new page begins with it.
    add column interval_s    bigint;
