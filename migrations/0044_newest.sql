-- The newest pages that can be found. Ids grow as pages are found, so they are the order of discovery.
create index page_newest on page (id) where standing = 'searchable';
-- The feeds that can be found.
create index page_feed on page (id) where kind = 'feed' and standing = 'searchable';
