-- A follower can be asked to let its earlier index serve again. Which kinds of jobs there are is the program's list
-- (shared::store::asked::job): a kind that a program does not know is never leased by it, so that programs of two
-- versions work on one table, and the table needs no list of its own that every new kind would have to replace.
alter table job drop constraint if exists job_kind_check;
