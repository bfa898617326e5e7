-- URLs that people handed in, and seeds.
create table submission (
    id           bigint generated always as identity primary key,
    url          text not null,
    submitted_at timestamptz not null default clock()
);
create index submission_url on submission (url);
