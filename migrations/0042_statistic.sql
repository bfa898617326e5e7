-- Daily figures: one row a day and name; the row of today is counted anew now and then, those of past days stay.
create table statistic (
    day   date   not null,
    -- What was counted: 'pages.searchable', 'kind.gemlog', 'language.de', 'capsules.known', 'requests' ...
    name  text   not null,
    value bigint not null,
    primary key (day, name)
);

-- What is known of each capsule, counted with them: a list of all capsules cannot count a million pages.
create table capsule_figure (
    capsule    bigint primary key references capsule,
    known      bigint not null,
    searchable bigint not null,
    -- When a page of it last changed.
    changed_at timestamptz
);
