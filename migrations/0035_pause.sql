-- What the admin has paused: nothing of it is visited until it is resumed. Everything stays due meanwhile.
create table pause (
    -- As the admin wrote it: `*`, `*.domain`, a capsule, or the prefix of a site.
    pattern   text primary key,
    -- The same, taken apart, so that the lease can compare it: all capsules, one, a domain's, or a folder of one.
    scope     text not null check (scope in ('everything', 'capsule', 'domain', 'site')),
    -- The capsule's host, or the domain; null for everything.
    host      text,
    -- The capsule's port; null for everything and for a domain.
    port      integer,
    -- The site's folder, such as `/~ann/`; null but for a site.
    folder    text,
    reason    text not null default '',
    paused_at timestamptz not null default clock(),
    -- Who did it, as the audit log names them.
    actor     text not null
);
