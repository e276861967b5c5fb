"""Events become usage facts: counted by day and by what the section's fields say, once the whole listing is read."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Self

import orjson
from pydantic import BeforeValidator, model_validator

from connectors.errors import UpstreamFailure
from connectors.extraction import Expression, truthy
from connectors.manifest.fields import Words, compile_field, compile_fields
from connectors.manifest.mapping import blotted, without_repetition
from connectors.manifest.notes import Notes
from connectors.manifest.rules import FieldRule, Path, Rule
from connectors.manifest.targets import targets
from connectors.records import Accepted, Rejected
from schema.findings import Finding
from schema.records import Record
from schema.usage import UsageFact
from schema.validation import validate

MOST_CELLS = 1_000_000
"""Days times combinations times distinct values that may be kept while counting."""


def _condition(value: Any) -> Any:
    return {"when": value} if isinstance(value, str) else value


class CountSpec(Record):
    """How events become one measure: those for which `when` holds are counted, or different values of `distinct`, or
    the numbers that `sum` finds are added up.
    """

    when: Path | None = None
    distinct: Path | None = None
    sum: Rule | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.distinct is not None and self.sum is not None:
            raise ValueError("distinct and sum exclude each other")
        return self


Count = Annotated[CountSpec, BeforeValidator(_condition)]
"""A count, or text that stands for its condition."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    when: Expression | None
    distinct: Expression | None
    sum: Any


@dataclass(slots=True)
class _Cell:
    """One fact in the making."""

    dimensions: dict[str, Any]
    total: Decimal = Decimal(0)
    members: set[str] = field(default_factory=set)


class EventCounter:
    """Counts one listing of events; `add` every record, then take `facts`."""

    def __init__(
        self, fields: Mapping[str, FieldRule], counts: Mapping[str, CountSpec], words: Words, first: date, last: date
    ) -> None:
        self._language, self._first, self._last = words.language, first, last
        self._fields = compile_fields(fields, words, UsageFact)
        compile_path = words.language.compile
        value = targets(UsageFact)["value"]
        self._counts = {
            code: _Compiled(
                compile_path(count.when) if count.when else None,
                compile_path(count.distinct) if count.distinct else None,
                compile_field(count.sum, value, words, code) if count.sum else None,
            )
            for code, count in counts.items()
        }
        self._cells: dict[tuple[str, bytes], _Cell] = {}
        self._kept = 0

    def add(self, event: Any, secrets: Iterable[str] = ()) -> Rejected | None:
        """Count an event; one that cannot be read is handed back, one outside the days is passed over."""
        notes = Notes()
        if not self._language.is_record(event):
            return Rejected(None, (_NOT_AN_EVENT,), blotted(str(event), secrets))
        dimensions = self._fields(event, notes)
        fact = validate(UsageFact, {**dimensions, "measure": next(iter(self._counts)), "value": 0})
        problems = without_repetition(notes.findings, fact if isinstance(fact, tuple) else ())
        if problems or isinstance(fact, tuple):
            return Rejected(None, tuple(problems), blotted(self._language.text(event), secrets))
        if not self._first <= fact.day <= self._last:
            return None
        key = fact.model_dump_json(exclude={"measure", "value"}).encode()
        for code, count in self._counts.items():
            if count.when is None or truthy(count.when(event)):
                self._count(code, count, key, dimensions, event)
        return None

    def facts(self) -> Iterator[Accepted[UsageFact]]:
        """Every fact, by measure and in the order in which its first event came."""
        for (code, _), cell in sorted(self._cells.items(), key=lambda entry: entry[0][0]):
            value = len(cell.members) if cell.members else cell.total
            fact = UsageFact.model_validate({**cell.dimensions, "measure": code, "value": value})
            yield Accepted(fact, hashlib.sha256(fact.to_json()).hexdigest())

    def _count(self, code: str, count: _Compiled, key: bytes, dimensions: dict[str, Any], event: Any) -> None:
        cell = self._cells.get((code, key))
        if cell is None:
            cell = self._cells[code, key] = _Cell(dimensions)
            self._keep_one_more()
        if count.distinct is not None:
            member = _name(count.distinct(event))
            if member is not None and member not in cell.members:
                cell.members.add(member)
                self._keep_one_more()
        elif count.sum is not None:
            cell.total += _number(count.sum(event, Notes()))
        else:
            cell.total += 1

    def _keep_one_more(self) -> None:
        self._kept += 1
        if self._kept > MOST_CELLS:
            raise UpstreamFailure(f"more than {MOST_CELLS} different values to count; ask for fewer days at once")


def _name(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _number(value: Any) -> Decimal:
    try:
        found = Decimal(str(value)) if value is not None else Decimal(0)
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() and found > 0 else Decimal(0)


_NOT_AN_EVENT = Finding("record.notAnObject", "an event is an object", expected="a JSON object or an XML element")
