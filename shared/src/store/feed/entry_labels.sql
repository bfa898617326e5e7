-- Labels of links to each page, and to pages that a redirect has moved to it, the most frequent first.
-- A label counts once per page that says it; only pages that can be found themselves lend theirs.
with target as (
    select id as page, capsule, id from page where id = any($1) and standing = 'searchable'
    union all
    select moved_to, capsule, id from page where moved_to = any($1)
),
counted as (
    select t.page, l.label, count(*) as pages
    from target t
    join link l on (l.to_capsule, l.to_page) = (t.capsule, t.id)
    join page f on (f.capsule, f.id) = (l.from_capsule, l.from_page)
    where l.label <> '' and f.standing = 'searchable'
    group by t.page, l.label
),
ranked as (
    select page, label, row_number() over (partition by page order by pages desc, label) as place from counted
)
select page as "page!", label from ranked where place <= $2 order by page, place
