"""Asks as SearXNG's json_engine does, by the settings that the README gives: searxng.py README http://HOST:PORT WORDS"""

import json
import sys
import urllib.parse
import urllib.request

readme, base, words = sys.argv[1:]
block = next(part for part in open(readme, encoding="utf-8").read().split("```") if "json_engine" in part)
settings = dict(line.strip(" -").split(": ", 1) for line in block.splitlines() if ": " in line)


def at(answer, path):
    """What stands at a path such as a/b."""
    for name in filter(None, path.split("/")):
        answer = answer[name]
    return answer


seen = []
for page in (1, 2):
    url = settings["search_url"].format(pageno=page, query=urllib.parse.quote(words))
    url = url.replace("http://localhost:8080", base)
    with urllib.request.urlopen(url) as answer:
        hits = at(json.load(answer), settings["results_query"])
    for hit in hits:
        seen.append(at(hit, settings["url_query"]))
        print(page, seen[-1], at(hit, settings["title_query"]), at(hit, settings["content_query"]))
assert len(seen) == len(set(seen)), "a hit comes twice"
