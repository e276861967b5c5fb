"""Events become usage facts: counted by day and by what the section's fields say, once the whole listing is read."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from connectors.errors import UpstreamFailure
from connectors.extraction import Expression, truthy
from connectors.manifest.count_specs import CountSpec
from connectors.manifest.fields import Field, Words, compile_field, compile_fields
from connectors.manifest.mapping import SkippedRecords, rejection, told, without_repetition
from connectors.manifest.notes import Notes
from connectors.manifest.rules import FieldRule
from connectors.manifest.targets import targets
from connectors.records import Accepted, Rejected, Unmapped
from connectors.sketches import people_sketch
from schema.findings import Finding
from schema.usage import Amount, UsageFact
from schema.validation import validate

MOST_CELLS = 1_000_000
"""Days times combinations times distinct values that may be kept while counting."""
ALWAYS = frozenset(("day", "revision"))
"""Fields of a fact that every measure keeps."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A count ready for use; `left_out` are the fields that do not tell its facts apart, as a manifest names them."""

    when: Expression | None
    distinct: Expression | None
    sum: Field | None
    key: bytes | None
    left_out: frozenset[str]


@dataclass(slots=True)
class _Cell:
    """One fact in the making."""

    dimensions: dict[str, Any]
    total: Decimal = Decimal(0)
    members: set[str] = field(default_factory=set)
    unmapped: dict[Unmapped, None] = field(default_factory=dict)


class EventCounter:
    """Counts one listing of events; `add` every record, then take `facts`. `keys` are those of sketches, by measure."""

    def __init__(
        self,
        fields: Mapping[str, FieldRule],
        counts: Mapping[str, CountSpec],
        words: Words,
        first: date,
        last: date,
        skipped: SkippedRecords | None = None,
        keys: Mapping[str, bytes] | None = None,
    ) -> None:
        self._language, self._first, self._last = words.language, first, last
        self._skipped = skipped or SkippedRecords()
        self._fields = compile_fields(fields, words, UsageFact)
        compile_path = words.language.compile
        value = targets(UsageFact)["value"]
        self._counts = {
            code: _Compiled(
                compile_path(count.when) if count.when else None,
                compile_path(count.distinct) if count.distinct else None,
                compile_field(count.sum, value, words, code) if count.sum else None,
                (keys or {}).get(code),
                frozenset() if count.by is None else frozenset(fields) - {*count.by} - ALWAYS,
            )
            for code, count in counts.items()
        }
        self._cells: dict[tuple[str, bytes], _Cell] = {}
        self._kept = 0

    def add(self, event: Any, secrets: Iterable[str] = ()) -> Rejected | None:
        """Count an event; one that cannot be read is handed back, one outside the days is passed over."""
        if not self._language.is_record(event):
            return self._refused((_NOT_AN_EVENT,), event, secrets)
        skipped = self._skipped.finding(event)
        if skipped is not None:
            return self._refused((skipped,), event, secrets)
        notes = Notes()
        dimensions = self._fields(event, notes)
        fact = validate(UsageFact, {**dimensions, "measure": next(iter(self._counts)), "value": 0})
        problems = without_repetition(notes.findings, fact if isinstance(fact, tuple) else ())
        if problems or isinstance(fact, tuple):
            return self._refused(problems, event, secrets)
        if not self._first <= fact.day <= self._last:
            return None
        wanted = {code: one for code, one in self._counts.items() if one.when is None or truthy(one.when(event))}
        amounts = {code: _amount(code, one.sum(event, notes), notes) for code, one in wanted.items() if one.sum}
        if notes.findings:  # counted for every measure or for none, or the numbers would not fit together
            return self._refused(notes.findings, event, secrets)
        unmapped = told(notes.unmapped, secrets)
        for code, count in wanted.items():
            cell = self._cell(code, fact, dimensions, unmapped)
            if count.distinct is not None:
                self._meet(cell, count.distinct(event))
            else:
                cell.total = _EXACT.add(cell.total, amounts.get(code, Decimal(1)))
        return None

    def facts(self) -> Iterator[Accepted[UsageFact]]:
        """Every fact, by measure and in the order in which its first event came; raises `UpstreamFailure`."""
        for (code, _), cell in sorted(self._cells.items(), key=lambda entry: entry[0][0]):
            value = len(cell.members) if cell.members else cell.total
            made = {**cell.dimensions, "measure": code, "value": value}
            key = self._counts[code].key
            if key is not None:
                made["sketch"] = base64.b64encode(people_sketch(cell.members, key)).decode()
            fact = validate(UsageFact, made)
            if isinstance(fact, tuple):
                raise UpstreamFailure(f"what {code} adds up to is no number to keep: {fact[0].message}")
            yield Accepted(fact, hashlib.sha256(fact.to_json()).hexdigest(), None, tuple(cell.unmapped))

    def _cell(self, code: str, fact: UsageFact, dimensions: Mapping[str, Any], unmapped: Sequence[Unmapped]) -> _Cell:
        left_out = self._counts[code].left_out
        without = {"measure", "value", *(_ATTRIBUTES[name] for name in left_out)}
        key = fact.model_dump_json(exclude=without).encode()
        cell = self._cells.get((code, key))
        if cell is None:
            kept = {name: value for name, value in dimensions.items() if name not in left_out}
            cell = self._cells[code, key] = _Cell(kept)
            self._keep_one_more()
        for value in unmapped:
            if value not in cell.unmapped and value.field not in left_out:
                cell.unmapped[value] = None
                self._keep_one_more()
        return cell

    def _meet(self, cell: _Cell, found: Any) -> None:
        member = self._name(found)
        if member is not None and member not in cell.members:
            cell.members.add(member)
            self._keep_one_more()

    def _name(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        try:
            return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
        except TypeError:  # an element, or nested too deeply
            return self._language.text(value)

    def _refused(self, findings: Iterable[Finding], event: Any, secrets: Iterable[str]) -> Rejected:
        return rejection(None, findings, self._language.text(event), secrets)

    def _keep_one_more(self) -> None:
        self._kept += 1
        if self._kept > MOST_CELLS:
            raise UpstreamFailure(f"more than {MOST_CELLS} different values to count; ask for fewer days at once")


def _amount(code: str, value: Any, notes: Notes) -> Decimal:
    """The number to add, nothing where an event has none; what is no number is noted."""
    try:
        return _AMOUNT.validate_python("0" if value is None else str(value))
    except ValidationError:
        notes.invalid(code, f"{code} must be a number of at least 0 with at most 24 digits", value)
        return Decimal(0)


_ATTRIBUTES = {info.alias or name: name for name, info in UsageFact.model_fields.items()}
"""The attributes of a fact by the names a manifest uses."""
_AMOUNT: TypeAdapter[Decimal] = TypeAdapter(Amount)
_EXACT = Context(prec=60)
_NOT_AN_EVENT = Finding("record.notAnObject", "an event is an object", expected="a JSON object or an XML element")
