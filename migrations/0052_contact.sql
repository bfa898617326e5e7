-- Whom a capsule names for holes in it: its /.well-known/security.txt, one file a capsule, asked for though nobody links
-- to it and never a page.
alter table capsule
    -- What its Contact lines say, one a line; null: nothing, or nobody knows.
    add column contact       text,
    -- When the file is to be asked for again; null: it was never asked for.
    add column contact_again timestamptz;
