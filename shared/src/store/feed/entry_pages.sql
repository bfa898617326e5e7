-- The pages of a batch as they stand now, with what they say. Pages without a text have no content row.
select p.id, p.change as "change!", c.host, c.port, p.path, p.standing, p.kind, p.media_type, p.language, p.charset,
       p.size_bytes, p.width, p.height, p.title, p.content, p.first_seen,
       coalesce(p.changed_at, p.fetched_at, p.first_seen) as "changed!",
       coalesce(t.body, '') as "body!",
       coalesce(t.headings, '{}') as "headings!",
       coalesce(t.alt, '{}') as "alt!",
       coalesce(left(t.art, $2), '') as "art!"
from page p
join capsule c on c.id = p.capsule
left join content t on (t.capsule, t.hash) = (p.capsule, p.content) and p.standing = 'searchable'
where p.id = any($1) and p.change is not null
order by p.change
