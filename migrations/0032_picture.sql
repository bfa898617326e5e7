-- Width and height of an image in pixels, as its first bytes say; null for anything else.
alter table page add column width integer;
alter table page add column height integer;
