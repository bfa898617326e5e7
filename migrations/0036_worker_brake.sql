-- What keeps a worker from crawling, in a sentence for the admin; null: nothing does.
alter table worker add column brake text;
-- How many turns it has in hand.
alter table worker add column turns integer not null default 0;
