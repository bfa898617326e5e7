-- A slice of searchable pages with the digest of their labels now and the one the index was last given.
-- A page that nothing labels has the digest of the empty text only if it was given labels before.
with slice as (
    select id, capsule, anchors from page where id > $1 and standing = 'searchable' and change is not null order by id limit $2
),
target as (
    select id as page, capsule, id from slice
    union all
    select moved_to, capsule, id from page where moved_to in (select id from slice)
),
label as (
    select distinct t.page, l.label
    from target t
    join link l on (l.to_capsule, l.to_page) = (t.capsule, t.id)
    join page f on (f.capsule, f.id) = (l.from_capsule, l.from_page)
    where l.label <> '' and f.standing = 'searchable'
),
digested as (
    select page, sha256(convert_to(string_agg(label, chr(10) order by label), 'UTF8')) as digest
    from label group by page
)
select s.id, s.capsule, s.anchors as kept,
       coalesce(d.digest, case when s.anchors is not null then sha256('') end) as digest
from slice s
left join digested d on d.page = s.id
order by s.id
