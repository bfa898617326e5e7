-- What the admin should know of a worker although it crawls, in a sentence; null: nothing. A disk that fills up is told
-- here before it becomes a brake.
alter table worker add column notice text;
-- When the worker last committed a visit; null: never. So "no crawl for six hours" costs nobody a look through requests.
alter table worker add column visited_at timestamptz;
