-- Backups that were made, so that every desk can tell how old the last one is. The files are what counts; a row is a note.
create table backup (
    id      bigint generated always as identity primary key,
    made_at timestamptz not null default clock(),
    -- small: certificate, configuration, rules, dates of first sight; whole: those and the database.
    kind    text   not null check (kind in ('small', 'whole')),
    -- The machine that has it, by its name, and the file there.
    machine text   not null,
    file    text   not null,
    bytes   bigint not null
);
create index backup_made on backup (made_at);
