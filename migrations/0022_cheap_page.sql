-- What a page points to is locked by whoever writes it and deleted by nobody else: capsules are never deleted, and a
-- content only under its capsule's lock, once no page of the capsule holds it. Looking both up again at each write of a
-- page was a twelfth of what a first visit cost.
alter table page
    drop constraint page_capsule_fkey,
    drop constraint page_capsule_content_fkey;
alter table content
    drop constraint content_capsule_fkey;

-- Only the sweep after a purge asked for it, and that reads all pages of a capsule anyway; every visit paid for it.
drop index page_content;

-- Most texts fit into the row once they are compressed: no second table, no second index, no second read.
alter table content set (toast_tuple_target = 4064);
