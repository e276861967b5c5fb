"""Whole small manifests into which the examples of the reference are put, one for every kind of neighbor they need."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import orjson

from connectors.manifest.document import read_document
from tests.docs.manifest_reference import Example

_TOP = """
manifest: 1
version: 1
platform: {code: example, name: 示例平台, region: "500103"}
origin: https://api.example.org
otherOrigins: [https://stats.example.org]
limits: {}
failures: [{status: 5xx, outcome: retry}]
vocabularies:
  stages: {scheme: STAGE, values: {}}
  places: {values: {}}
"""
_FIELDS = "fields: {nativeId: id, title: title, kind: {constant: LESSON}}"
_USAGE = "usage: {protocol: rest, request: {path: /usage}, fields: {day: date}"
_REST = f"""
harvest:
  protocol: rest
  request: {{path: /items, method: POST, json: {{}}}}
  {_FIELDS}
"""
_EVERYTHING = f"""
harvest:
  protocol: rest
  request: {{path: /items}}
  {_FIELDS}
  detail: {{request: {{path: "/items/{{id}}"}}}}
  joins: {{school: {{request: {{path: /schools}}, key: id, on: school}}}}
  incremental: {{parameter: since}}
{_USAGE}, window: {{from: start, to: end}}, measures: {{views: pv}}}}
search: {{protocol: rest, request: {{path: /search}}, text: q, filters: {{stages: {{parameter: stage}}}},
  sorts: {{NEWEST: {{parameter: order, value: time}}}}}}
"""
_TESTED = f"""
harvest: {{protocol: rest, request: {{path: /items}}, deleted: gone, {_FIELDS}}}
training:
  protocol: rest
  request: {{path: /training}}
  fields: {{nativeId: id, teacherId: t, title: a, kind: {{constant: COURSE}}, startsOn: d, quantity: h,
    unit: {{constant: HOUR}}, role: {{constant: PARTICIPANT}}, state: {{constant: RECOGNIZED}}}}
{_USAGE}, measures: {{views: pv}}}}
tests: [{{name: x, exchanges: [{{request: {{path: /items}}, response: {{status: 200}}}}], expect: {{}}}}]
"""
_BATCHED = _EVERYTHING.replace('"/items/{id}"}', "/details}, batch: {ids: id, parameter: ids, key: id}")
_COUNTED = f"{_REST}{_USAGE}, counts: {{plays: {{when: played}}}}}}"
_PICKED = _REST.replace("title: title", "title: title, subjects: {where: {list: a, key: b, equals: c, value: d}}")
_GRAPHQL = f"""
harvest:
  protocol: graphql
  query: "query Q($first: Int, $after: String, $filter: F) {{ lessons(first: $first, after: $after) {{ id }} }}"
  {_FIELDS}
"""
_PAGINGS = (
    "{kind: none}",
    "{kind: page, size: 100}",
    "{kind: offset, size: 100}",
    "{kind: cursor, next: next}",
    "{kind: cursor}",
    "{kind: nextUrl}",
    "{kind: link}",
    "{kind: parts}",
    "{kind: window, since: 2020-01-01, format: date}",
)
_HMAC = "kind: hmac, secret: appSecret, appKey: appKey"
_SHOWN = f"{_HMAC}, in: header, names: {{sign: Authorization}}"
_CREDENTIALS = (
    "{kind: apiKey, name: X-Api-Key, secret: key}",
    "{kind: basic, username: u, password: p}",
    "{kind: bearer, secret: token}",
    "{kind: oauth2, tokenUrl: /token, clientId: a, clientSecret: b}",
    "{kind: mutualTls, certificate: a, key: b}",
    "{kind: session, login: {url: /login}, token: {path: token}, send: {}}",
    "{kind: session, login: {url: /login}, token: {}, send: {}}",
    f"{{{_HMAC}, query: {{}}, names: {{}}, nonce: {{}}, bodyDigest: {{}}}}",
    f"{{{_SHOWN}, prefixParts: [appKey, {{text: x}}], parts: [{{text: y}}]}}",
    f"{{{_SHOWN}, prefixParts: [{{text: x}}], parts: [{{text: y}}]}}",
    f"{{{_SHOWN}, prefixParts: [{{}}]}}",
    f"{{{_HMAC}, parts: [{{}}]}}",
    f"{{{_HMAC}, vectors: [{{url: 'https://api.example.org/', secrets: {{}}, signature: a1}}]}}",
)
_FILES = (
    "files: /a.csv, format: {kind: csv}",
    "index: {path: /index.json}, format: csv",
    "format: csv",
    "files: /a.xlsx, format: {kind: xlsx}",
    "files: /a.json, format: {kind: json}",
    "files: /a.xml, format: {kind: xml, records: a}",
)
_NAMED = ("vocabularies", "joins", "filters", "sorts", "counts")
_PROTOCOLS = ("rest", "graphql", "oai-pmh", "xapi", "files")
_SECTIONS = ("harvest", "training", "usage", "search")


def _harvests() -> Iterator[str]:
    yield from (_REST, _EVERYTHING, _BATCHED, _COUNTED, _TESTED, _PICKED)
    yield f"{_GRAPHQL}  connection: lessons"
    yield f"{_GRAPHQL}  records: data.lessons"
    yield f"{_GRAPHQL}"
    for fields in ("fields: {kind: {constant: LESSON}}", "fields: {title: title, kind: {constant: LESSON}}"):
        yield f"harvest: {{protocol: oai-pmh, {fields}}}"
    yield f"harvest: {{protocol: xapi, {_FIELDS}}}"
    for paging in _PAGINGS:
        yield f"{_REST}  paging: {paging}"
    for credentials in _CREDENTIALS:
        yield f"{_REST}credentials: {credentials}"
    for files in _FILES:
        yield f"harvest: {{protocol: files, {files}, {_FIELDS}}}"


PLACES: tuple[dict[str, Any], ...] = tuple(read_document(_TOP + harvest).value for harvest in _harvests())


def placed(example: Example) -> Iterator[str]:
    """Manifests with the example in its place, one for every base that has such a place; a whole manifest is itself."""
    if "manifest" in example.value and "harvest" in example.value:
        yield example.text
        return
    steps = _steps(example)
    for base in PLACES:
        if _fits(base, example.heading):
            whole = deepcopy(base)
            place = _at(whole, steps)
            if isinstance(place, dict):
                place.update(example.value)
                yield orjson.dumps(whole).decode()


def _steps(example: Example) -> list[str]:
    """Where the example's first key belongs."""
    key, words = next(iter(example.value)), example.heading.split(".")
    section = "harvest" if words[0] in _PROTOCOLS else words[0]
    if key in words[1:] or (key == words[0] and words[0] not in _PROTOCOLS):
        last = len(words) - 1 - words[::-1].index(key)
        return [section, *words[1:last]] if last else []
    if example.heading.startswith("harvest.fields"):
        return ["harvest", "fields"]
    return [] if key in _SECTIONS or section not in _SECTIONS else [section]


def _fits(base: dict[str, Any], heading: str) -> bool:
    protocol = heading.partition(".")[0]
    return protocol not in _PROTOCOLS or base["harvest"]["protocol"] == protocol


def _at(value: Any, steps: list[str]) -> Any:
    """The value at the steps; of a list and of a mapping of names the first entry."""
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
        if step == "fields" and step != steps[-1]:
            value = value.get("subjects")
        if isinstance(value, list):
            value = next((entry for entry in value if isinstance(entry, dict)), None)
        if isinstance(value, dict) and step in _NAMED:
            value = next(iter(value.values()), None)
    return value
