-- A post that a feed tells of: an entry of an Atom or RSS feed, a dated link of a gemlog's list, a line of a twtxt.
create table post (
    -- The feed: a page.
    capsule    bigint not null,
    page       bigint not null,
    -- A short mark of what the post is: of its URL, or where many posts share one (twtxt) of its words and date, too.
    -- The same post in several feeds has the same mark.
    key        bigint not null,
    -- Where it leads, perhaps out of Geminispace.
    url        text not null,
    title      text not null,
    -- As the feed says; null: it says none, or none that can be one.
    published  timestamptz,
    -- When it was first found in this feed.
    first_seen timestamptz not null default clock(),
    -- Its place among the recent posts of all feeds, given once: the date it bears, but never later than it was found.
    -- A post without a date of the past has the moment it was found, if the feed was read before; else null, for it may
    -- be of any age.
    moment     timestamptz,
    -- Whether feed and post belong to one site: of a post in several feeds its author's is shown.
    own        boolean not null,
    primary key (capsule, page, key)
);
-- Recent posts of all feeds.
create index post_moment on post (moment desc, key) where moment is not null;
-- The same post in other feeds.
create index post_key on post (key);
