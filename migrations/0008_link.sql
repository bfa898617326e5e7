-- A link from page to page with its label: the label is the anchor text of its target.
create table link (
    from_capsule bigint not null,
    from_page    bigint not null,
    to_capsule   bigint not null,
    to_page      bigint not null,
    label        text not null,
    first_seen   timestamptz not null default clock(),
    primary key (from_capsule, from_page, to_capsule, to_page),
    foreign key (from_capsule, from_page) references page (capsule, id) on delete cascade,
    foreign key (to_capsule, to_page) references page (capsule, id) on delete cascade
);
-- Backlinks and anchor text.
create index link_to on link (to_capsule, to_page);
