-- The labels that stand in the text of these pages and name other pages: the link lines of gemtext, without their
-- targets; a link without a label gives none.
select p.id, array_remove(array(
           select (regexp_match(line, '^=>[ \t]*[^ \t]+[ \t]+(.*[^ \t\r])'))[1]
           from string_to_table(t.source, E'\n') line
           where line like '=>%'
       ), null) as "labels!"
from page p
join content t on (t.capsule, t.hash) = (p.capsule, p.content)
where p.id = any($1) and p.standing = 'searchable' and p.media_type = 'text/gemini'
