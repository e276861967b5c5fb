"""Records taken apart: every place a value can stand at, its values, and the paths to it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.drafts.names import folded

LOOKED_AT = 500
"""Records of a sample that are looked at."""
DEEPEST = 6
MOST_PLACES = 1_500
LONGEST_KEY = 100
ENTRIES = "[]"
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TAG = re.compile(r"(?:zh|en)(?:-[A-Za-z]{2,4})*")
_NAMING = frozenset(
    ("name", "label", "title", "text", "value", "mc", "名称", "string", "code", "districtcode", "regioncode")
)
Steps = tuple[str, ...]
Render = Callable[[Steps, bool], str]
"""A path for steps; with True, of one value at most."""


@dataclass(slots=True)
class Place:
    """A place in the records: `values` are the scalars there, `entries` the objects, `rows` the records with either."""

    steps: Steps
    values: list[Any] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    of: int = 0
    alias: str = ""
    """What a description calls it."""

    @property
    def many(self) -> bool:
        """Whether a record can have several."""
        return ENTRIES in self.steps

    @property
    def depth(self) -> int:
        """How many objects it lies in."""
        return sum(step != ENTRIES for step in self.steps) - 1

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be called, the best first: its key, with the key around it, and that key where it only names."""
        steps = [step for step in self.steps if step != ENTRIES]
        if len(steps) > 1 and _TAG.fullmatch(steps[-1]):  # a text in several languages
            steps.pop()
        keys = [folded(step) for step in steps]
        said = (folded(self.alias),) if self.alias else ()
        if len(keys) < 2:
            return (*keys, *said)
        around = (keys[-2],) if keys[-1] in _NAMING else ()
        return (keys[-2] + keys[-1], *around, keys[-1], *said)

    @property
    def everywhere(self) -> bool:
        """Whether every record has it."""
        return len(self.rows) == self.of

    @property
    def texts(self) -> list[str]:
        """The values as text."""
        return [str(value) for value in self.values if not isinstance(value, bool)]

    @property
    def distinct(self) -> list[str]:
        """The different values as text, in their order."""
        return list(dict.fromkeys(self.texts))


def places_of(records: Sequence[Any]) -> list[Place]:
    """Every place in these records in the order of its first value; keys over 100 characters are passed over."""
    found: dict[Steps, Place] = {}
    looked = [record for record in records[:LOOKED_AT] if isinstance(record, dict)]
    for number, record in enumerate(looked):
        for steps, value in _walk(record, ()):
            place = found.get(steps)
            if place is None:
                if len(found) >= MOST_PLACES:
                    continue
                place = found[steps] = Place(steps, of=len(looked))
            if isinstance(value, dict):
                place.entries.append(value)
            elif value is not None and value != "":
                place.values.append(value)
            else:
                continue
            place.rows.add(number)
    return list(found.values())


def _walk(value: Any, steps: Steps) -> Iterator[tuple[Steps, Any]]:
    if isinstance(value, dict):
        if steps:
            yield steps, value
        if len(steps) < DEEPEST * 2:
            for key, inner in value.items():
                if isinstance(key, str) and 0 < len(key) <= LONGEST_KEY:
                    yield from _walk(inner, (*steps, key))
    elif isinstance(value, list):
        if len(steps) < DEEPEST * 2:
            for inner in value[:50]:
                yield from _walk(inner, (*steps, ENTRIES))
    else:
        yield steps, value


def jmespath(steps: Steps, one: bool) -> str:
    """A JMESPath; keys that are no identifiers are quoted."""
    text = ""
    for step in steps:
        if step == ENTRIES:
            text += "[0]" if one else "[]"
        else:
            key = step if _IDENTIFIER.fullmatch(step) else json.dumps(step, ensure_ascii=False)
            text += ("." if text else "") + key
    return text or "@"


def xpath(steps: Steps, one: bool) -> str:
    """An XPath; a step into a list is none of its own, and with `one` takes the first."""
    parts: list[str] = []
    for step in steps:
        if step != ENTRIES:
            parts.append(step)
        elif one and parts:
            parts[-1] += "[1]"
    return "/".join(parts) or "."


def below(place: Place, inner: Place) -> Steps | None:
    """The steps from a place to one inside of its objects, None where it lies elsewhere."""
    size = len(place.steps)
    return inner.steps[size:] if inner.steps[:size] == place.steps and len(inner.steps) > size else None


def inside(place: Place, places: Iterable[Place]) -> list[Place]:
    """The places inside of a place's objects, by steps relative to it."""
    found = []
    for inner in places:
        steps = below(place, inner)
        if steps is not None:
            found.append(Place(steps, inner.values, inner.entries, inner.rows, inner.of, inner.alias))
    return found
