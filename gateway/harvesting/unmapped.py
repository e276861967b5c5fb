"""Values that no vocabulary table knows, counted per run with an example of each.

Counts are of records: of the last complete full run, plus those that incremental runs found new or changed since.
Beside them stand those of the last complete runs of usage and of training.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, select, update

from connectors.records import Accepted, Unmapped
from gateway.harvesting.quarantine import storable
from gateway.harvesting.runs import HarvestKind, RunState, alike
from gateway.storage.tables import HarvestRunRow, UnmappedValueRow
from schema.training import TrainingReport
from schema.usage import UsageFact

MOST_VALUES = 2_000
"""Distinct values kept per run: a free-text field in place of a vocabulary must not fill the database."""
LONGEST_FIELD, LONGEST_VALUE = 100, 300
USAGE_FIELD, TRAINING_FIELD = "usage.", "training."
"""What fields of facts and of training records begin with, since resources have fields of the same names."""
_VALUES = UnmappedValueRow.metadata.tables["unmapped_values"]
_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class UnmappedValue:
    """A value, the records that hold it and the native id of one of them."""

    field: str
    value: str
    count: int
    example: str


def tally(records: Iterable[Accepted]) -> dict[Key, tuple[int, str]]:
    """Count and example of every unmapped value of some records."""
    return _tally((accepted.record.native_id, "", accepted.unmapped) for accepted in records)


def tally_facts(facts: Iterable[Accepted[UsageFact]]) -> dict[Key, tuple[int, str]]:
    """As `tally`; fields are told as `usage.subject`, and an example is a resource or a day."""
    return _tally((fact.record.resource or fact.record.day.isoformat(), USAGE_FIELD, fact.unmapped) for fact in facts)


def tally_reports(reports: Iterable[Accepted[TrainingReport]]) -> dict[Key, tuple[int, str]]:
    """As `tally`; fields are told as `training.kind`, and an example is a day, since ids would tell of people."""
    return _tally((report.record.starts_on.isoformat(), TRAINING_FIELD, report.unmapped) for report in reports)


def _tally(found: Iterable[tuple[str, str, Iterable[Unmapped]]]) -> dict[Key, tuple[int, str]]:
    counted: dict[Key, tuple[int, str]] = {}
    for example, prefix, values in found:
        for field, value in {(item.field, item.value) for item in values}:
            key = storable(prefix + field)[:LONGEST_FIELD], storable(value)[:LONGEST_VALUE]
            count, first = counted.get(key, (0, example))
            counted[key] = count + 1, first
    return counted


def known_values(connection: Connection, run_id: str) -> set[Key]:
    """Values that a run has counted so far."""
    query = select(_VALUES.c.field, _VALUES.c.value).where(_VALUES.c.run_id == run_id)
    return {(field, value) for field, value in connection.execute(query)}


def add(
    connection: Connection, platform: str, run_id: str, counted: dict[Key, tuple[int, str]], known: set[Key]
) -> None:
    """Add counts to those of a run; values beyond the cap are dropped, those in `known` are always counted."""
    for key, (count, example) in counted.items():
        if key in known or len(known) < MOST_VALUES:
            known.add(key)
            _add(connection, platform, run_id, UnmappedValue(*key, count, example))


def settle(connection: Connection, platform: str, run_id: str, kind: HarvestKind, *, complete: bool) -> None:
    """At the end of a successful run: one of everything replaces every earlier count; one of changes is merged."""
    if complete:
        others = select(_RUNS.c.id).where(
            _RUNS.c.platform == platform, _RUNS.c.kind.in_(alike(kind)), _RUNS.c.id != run_id
        )
        connection.execute(delete(_VALUES).where(_VALUES.c.platform == platform, _VALUES.c.run_id.in_(others)))
        return
    whole = HarvestKind.FULL if kind is HarvestKind.INCREMENTAL else kind
    last_full: str | None = (connection.execute(_last_complete(platform, whole))).scalar_one_or_none()
    if last_full is None:
        return
    for value in read(connection, run_id):
        _add(connection, platform, last_full, value)
    connection.execute(delete(_VALUES).where(_VALUES.c.run_id == run_id))


def current(connection: Connection, platform: str) -> list[UnmappedValue]:
    """Values of the last complete run of each kind of listing, else of the latest with any; most frequent first."""
    kinds = (HarvestKind.FULL, HarvestKind.USAGE, HarvestKind.TRAINING)
    found = [value for kind in kinds for value in _current(connection, platform, kind)]
    return sorted(found, key=lambda value: (-value.count, value.field, value.value))


def _current(connection: Connection, platform: str, kind: HarvestKind) -> list[UnmappedValue]:
    run_id: str | None = (connection.execute(_last_complete(platform, kind))).scalar_one_or_none()
    if run_id is None:
        has_any = exists().where(_VALUES.c.run_id == _RUNS.c.id)
        those = (_RUNS.c.platform == platform, _RUNS.c.kind.in_(alike(kind)), has_any)
        latest = select(_RUNS.c.id).where(*those).order_by(_RUNS.c.started_at.desc())
        run_id = (connection.execute(latest.limit(1))).scalar_one_or_none()
    return read(connection, run_id) if run_id else []


def read(connection: Connection, run_id: str) -> list[UnmappedValue]:
    """Values of one run, most frequent first."""
    columns = (_VALUES.c.field, _VALUES.c.value, _VALUES.c.count, _VALUES.c.example)
    order = (_VALUES.c.count.desc(), _VALUES.c.field, _VALUES.c.value)
    query = select(*columns).where(_VALUES.c.run_id == run_id).order_by(*order)
    return [UnmappedValue(*row) for row in connection.execute(query)]


def _last_complete(platform: str, kind: HarvestKind) -> Select[Any]:
    complete = (_RUNS.c.kind == kind) & (_RUNS.c.state == RunState.SUCCEEDED) & _RUNS.c.since.is_(None)
    query = select(_RUNS.c.id).where(_RUNS.c.platform == platform, complete)
    return query.order_by(_RUNS.c.started_at.desc()).limit(1)


def _add(connection: Connection, platform: str, run_id: str, value: UnmappedValue) -> None:
    same = (_VALUES.c.run_id == run_id) & (_VALUES.c.field == value.field) & (_VALUES.c.value == value.value)
    added = connection.execute(
        update(_VALUES).where(_VALUES.c.platform == platform, same).values(count=_VALUES.c.count + value.count)
    )
    if added.rowcount == 0:
        row = {"platform": platform, "run_id": run_id, "field": value.field, "value": value.value}
        connection.execute(_VALUES.insert(), {**row, "count": value.count, "example": value.example})
