-- Who handed a URL in: the admin (seeds), or a visitor, whose receipt begins at that moment.
alter table submission add column origin text not null default 'admin' check (origin in ('admin', 'visitor'));
-- The latest submission of a URL.
create index submission_latest on submission (url, submitted_at desc);
