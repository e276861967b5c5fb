"""Answers as a schema describes them, made up so that records can be looked at as those of a sample are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.drafts import names
from connectors.drafts.columns import ENTRIES, Steps
from connectors.drafts.names import RESOURCE, TRAINING, folded
from connectors.drafts.openapi_document import ApiDocument
from connectors.manifest.targets import Target, targets
from schema.records import Record
from schema.resources import ResourceRecord
from schema.training import TrainingReport
from schema.vocabularies import VocabularyScheme, vocabulary

RECORDS = 12
DEEPEST = 7
MOST_PROPERTIES = 200
MOST_VALUES = 60
_OUTSIDE: Mapping[str, Any] = {
    **dict.fromkeys(names.TOTAL, 1000),
    **dict.fromkeys(names.PAGE, 1),
    **dict.fromkeys(names.SIZE, 100),
    **dict.fromkeys(names.TOKEN, "token"),
    **dict.fromkeys(("next", "nexturl", "nextpageurl", "nextlink"), "https://platform.example/next"),
    **dict.fromkeys(("hasmore", "hasnext", "hasnextpage", "success", "ok"), True),
}


@dataclass(slots=True)
class Imagined:
    """Makes values for schemas of one document; `descriptions` are what it says of properties, by their steps."""

    api: ApiDocument
    record: type[Record] = ResourceRecord
    descriptions: dict[Steps, str] = field(default_factory=dict)

    def properties(self, schema: Any, depth: int = 0) -> dict[str, Any]:
        """The properties of a schema with those of everything it is composed of."""
        said = self.api.resolved(schema)
        found: dict[str, Any] = {}
        if depth > DEEPEST:
            return found
        for word in ("allOf", "oneOf", "anyOf"):
            parts = said.get(word)
            for part in parts if isinstance(parts, list) else []:
                found |= self.properties(part, depth + 1)
        own = said.get("properties")
        found |= own if isinstance(own, dict) else {}
        return {str(key): found[key] for key in list(found)[:MOST_PROPERTIES]}

    def items(self, schema: Any) -> Any:
        """The schema of the entries of an array, None where it is none."""
        said = self.api.resolved(schema)
        return said.get("items") if "items" in said else None

    def most_values(self, schema: Any) -> int:
        """How many records it takes to show every value of every enum."""
        counts = [len(self._enum(one) or ()) for one in self.properties(schema).values()]
        return min(MOST_VALUES, max([RECORDS, *counts]))

    def outside(self, schema: Any, records: Steps, depth: int = 0) -> Any:
        """An answer without its records, for what it says of paging."""
        found: dict[str, Any] = {}
        for key, inner in self.properties(schema).items():
            said = self.api.resolved(inner)
            if records[:1] == (key,) and len(records) == 1:
                found[key] = []
            elif self.properties(said) and depth < DEEPEST:
                found[key] = self.outside(said, records[1:] if records[:1] == (key,) else (), depth + 1)
            elif self.items(said) is None:
                found[key] = said.get("example", _OUTSIDE.get(folded(key)))
        return found

    def made(self, schema: Any, number: int, steps: Steps = (), depth: int = 0) -> Any:
        """The `number`-th value of a schema."""
        said = self.api.resolved(schema)
        inner = self.items(said)
        if inner is not None:
            return [self.made(inner, number, (*steps, ENTRIES), depth + 1)] if depth < DEEPEST else []
        properties = self.properties(said)
        if properties:
            if depth >= DEEPEST:
                return {}
            return {key: self.made(one, number, (*steps, key), depth + 1) for key, one in properties.items()}
        name = next((step for step in reversed(steps) if step != ENTRIES), "")
        words = _first_words(said.get("title") or said.get("description"))
        if words and steps:
            self.descriptions[steps] = words
        return self._scalar(said, name, words, number)

    def _enum(self, schema: Any) -> list[Any] | None:
        said = self.api.resolved(schema)
        found = said.get("enum") or self.api.resolved(self.items(said)).get("enum")
        return [one for one in found if one is not None] if isinstance(found, list) else None

    def _scalar(self, said: Mapping[str, Any], name: str, words: str, number: int) -> Any:
        values = said.get("enum")
        if isinstance(values, list) and values:
            return values[number % len(values)]
        target = self._meant(name, words)
        example = said.get(
            "example", next(iter(said.get("examples") or []), None) if isinstance(said.get("examples"), list) else None
        )
        if example is not None and (target is None or target.name not in ("nativeId", "title")):
            return example if isinstance(example, str | int | float | bool) else str(example)
        return _by_type(said, name, target, number)

    def _meant(self, name: str, words: str) -> Target | None:
        table = TRAINING if self.record is TrainingReport else RESOURCE
        called = [folded(name), folded(words)]
        return next(
            (targets(self.record)[field] for one in called for field, known in table.items() if one and one in known),
            None,
        )


def _first_words(text: Any) -> str:
    """The beginning of a description, which often is a field's name in Chinese."""
    first = str(text or "").strip()
    for mark in ("，", "。", "（", "(", "：", ":", ",", ";", "；", "\n", " "):
        first = first.partition(mark)[0]
    return first[:20]


def _by_type(said: Mapping[str, Any], name: str, target: Target | None, number: int) -> Any:
    kinds = said.get("type")
    kind = next((one for one in kinds if one != "null"), "string") if isinstance(kinds, list) else kinds
    shape, about = str(said.get("format") or ""), str(said.get("description") or "")
    timed = target is not None and target.name in _TIMES
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        if timed:
            return (1_700_000_000 + number) * (1 if "秒" in about and "毫秒" not in about else 1000)
        return 1800 + number if kind == "integer" else 1.5 + number
    if shape == "date-time":
        return f"2024-03-15T14:22:{number % 60:02}+08:00"
    if shape == "date":
        return "2024-03-15"
    if timed:
        return f"2024-03-15 14:22:{number % 60:02}" if "HH" in about or "yyyy" in about.lower() else None
    if shape in ("uri", "url", "iri") or folded(name).endswith(("url", "href", "link", "uri")):
        return f"https://platform.example/{number}"
    return _text(name, target, number)


def _text(name: str, target: Target | None, number: int) -> Any:
    if target is not None:
        if target.region:
            return "500103"
        if target.scheme is not None:
            return _label(target.scheme, number)
        return {"language": "zh-CN", "volume": "上册", "quantity": "1.5"}.get(target.name, f"{name} {number}")
    if folded(name) in names.ROLE:
        return _label(VocabularyScheme.CONTRIBUTOR_ROLE, number)
    return f"{name} {number}"


def _label(scheme: VocabularyScheme, number: int) -> str:
    terms = list(vocabulary(scheme).terms.values())
    return terms[number % min(len(terms), RECORDS)].label


_TIMES = ("publishedAt", "updatedAt", "startsAt", "endsAt", "startsOn", "endsOn", "day")
