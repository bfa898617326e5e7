-- robots.txt of a capsule or of a user's folder in it, and the last good copy, which rules while the file is unreachable.
create table robots (
    capsule    bigint not null references capsule,
    folder     text not null,
    -- When it was last asked for, and when it is to be asked for again.
    asked_at   timestamptz not null,
    ask_again  timestamptz not null,
    -- How the last asking ended: rules, none (no rules), unreachable.
    answer     text not null check (answer in ('rules', 'none', 'unreachable')),
    -- Since when it has been unreachable without a break.
    unreachable_since timestamptz,
    -- The last good copy; null: there were no rules.
    rules      text,
    rules_at   timestamptz,
    primary key (capsule, folder)
);
