-- A short mark of a page's words and links without what changes by itself (dates, clocks, counters): a page served
-- with other bytes and the same mark is unchanged. Null: its words were never marked, or there are none.
alter table page add column words bigint;
