-- Rules that shut out by more than a URL. `pattern` is their one spelling (`address:192.0.2.0/24`, `key:sha256:...`,
-- `content:...`); what the database compares stands beside it, null for every other kind of rule.
alter table exclusion
    -- Capsules whose last known address lies in it.
    add column address cidr,
    -- Capsules whose newest certificate has this fingerprint.
    add column key     bytea,
    -- Pages whose words and links have this hash.
    add column content bytea;

-- Whether the page could be found, and left the search only for a rule: it comes back when the rule is lifted.
alter table page add column shut_out boolean not null default false;
create index page_shut_out on page (id) where shut_out;

-- Capsules that share an address or a key.
create index capsule_ip on capsule (ip) where ip is not null;
create index certificate_key on certificate (fingerprint);
