-- Pictures made of characters, apart from the prose; empty where there are none.
alter table content add column art text not null default '';
