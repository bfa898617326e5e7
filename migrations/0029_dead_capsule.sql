-- Upkeep looks for capsules that have not answered for long.
create index capsule_failing on capsule (failing_since) where failing_since is not null;
