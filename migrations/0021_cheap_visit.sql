-- Pages are never deleted (what is gone becomes a tombstone), so neither end of a link can vanish. Looking both up
-- once more for every link of a page was a third of what a visit cost.
alter table link
    drop constraint link_from_capsule_from_page_fkey,
    drop constraint link_to_capsule_to_page_fkey;

-- A short mark of the header and the bytes that were served last, and of how we read them: what is served again with
-- the same mark need not be read. Null: it is to be read.
alter table page add column served bigint;
-- Some of its links found no budget, or are shut out: they are looked at again at the next visit, changed or not.
alter table page add column links_wait boolean not null default false;

-- lz4 costs a tenth of the time of Postgres's own compression, where this Postgres was built with it.
do $$ begin
    alter table content alter column source set compression lz4, alter column body set compression lz4;
exception when feature_not_supported then null;
end $$;
