"""Withdrawals of facts: a platform that reports a day again without one of them has taken it back.

Only what a complete run did not meet is withdrawn, and only of measures that the platform did report on that day: what
is missing altogether is not zero, and what stands in a broken row is not gone. An implausible share is kept, but not
from the first complete run of a mapping, which may name every fact anew: old and new ones would be counted twice.
"""

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, tuple_

from gateway.harvesting.bulk import insert_new
from gateway.harvesting.reach import ONE_DAY, Days
from gateway.harvesting.runs import HarvestKind, RunState
from gateway.harvesting.starting import ActiveRun
from gateway.harvesting.usage.facts import DIMENSIONS, dimensions_json
from gateway.harvesting.usage.partitions import touch, touch_all
from gateway.harvesting.withdrawals import EMPTY_LISTING, MOST_REJECTS, Refusal, implausible
from gateway.storage.tables import HarvestRunRow, QuarantinedRow, UsageFactRow, UsageRevisionRow

_FACTS = UsageFactRow.metadata.tables["usage_facts"]
_REVISIONS = UsageRevisionRow.metadata.tables["usage_revisions"]
_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
_QUARANTINE = QuarantinedRow.metadata.tables["quarantined_records"]


def withdraw_unreported(connection: Connection, run: ActiveRun, days: Days, now: datetime) -> int | Refusal:
    """Withdraw what a complete run did not meet of the days it asked for; returns how many facts, or why none."""
    asked = (_FACTS.c.platform == run.platform) & _FACTS.c.day.between(days.first, days.last)
    stored = _count(connection, asked)
    if run.counts.accepted == 0 and run.counts.quarantined and stored:
        return Refusal(EMPTY_LISTING, f"no fact of the listing is valid, {stored} stored ones are kept")
    unmet = _unmet(connection, run, days, asked)
    leaving = dict(_counted_by_day(connection, unmet))
    refusal = implausible(sum(leaving.values()), stored, "facts are no longer reported")
    if refusal is not None and not _is_new_mapping(connection, run):
        return refusal
    for day in leaving:
        _keep_what_was_said(connection, run, unmet & (_FACTS.c.day == day), now)
    connection.execute(delete(_FACTS).where(unmet))
    touch(connection, run.platform, leaving)
    return sum(leaving.values())


def forget_facts(connection: Connection, platform: str) -> None:
    """Delete a platform's facts and what they said before; by new numbers of its months derived data drops them."""
    connection.execute(delete(_REVISIONS).where(_REVISIONS.c.platform == platform))
    if connection.execute(delete(_FACTS).where(_FACTS.c.platform == platform)).rowcount:
        touch_all(connection, platform)


def _unmet(connection: Connection, run: ActiveRun, days: Days, asked: ColumnElement[bool]) -> ColumnElement[bool]:
    reported = select(_FACTS.c.day, _FACTS.c.measure).where(asked, _FACTS.c.run_id == run.id).distinct()
    unmet = asked & (_FACTS.c.run_id != run.id) & tuple_(_FACTS.c.day, _FACTS.c.measure).in_(reported)
    spared = _days_in_rejects(connection, run, days)
    return unmet & _FACTS.c.day.not_in(spared) if spared else unmet


def _is_new_mapping(connection: Connection, run: ActiveRun) -> bool:
    """Whether the last successful run was of another version of the manifest, if there was any."""
    succeeded = (_RUNS.c.kind == HarvestKind.USAGE, _RUNS.c.state == RunState.SUCCEEDED)
    query = select(_RUNS.c.manifest_version).where(_RUNS.c.platform == run.platform, *succeeded)
    last = (connection.execute(query.order_by(_RUNS.c.started_at.desc()).limit(1))).scalar_one_or_none()
    return last != run.version


def _days_in_rejects(connection: Connection, run: ActiveRun, days: Days) -> Collection[date]:
    """Days that stand in what this run rejected, such as 20260301, 2026-3-1 or 2026年3月1日.

    Of more rejects than are looked through nobody knows, so that every day may stand in them.
    """
    rejects = select(_QUARANTINE.c.raw).where(_QUARANTINE.c.run_id == run.id).limit(MOST_REJECTS)
    texts = [re.sub(r"\D", "", raw) for raw in connection.execute(rejects).scalars()]
    every = [days.first + number * ONE_DAY for number in range(days.count)] if texts else []
    if len(texts) == MOST_REJECTS:
        return every
    return [day for day in every if any(written in text for written in _written(day) for text in texts)]


def _written(day: date) -> tuple[str, str]:
    """A day without signs between its parts."""
    return f"{day:%Y%m%d}", f"{day.year}{day.month}{day.day}"


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    counted: int = (connection.execute(select(func.count()).select_from(_FACTS).where(condition))).scalar_one()
    return counted


def _counted_by_day(connection: Connection, condition: ColumnElement[bool]) -> list[tuple[date, int]]:
    query = select(_FACTS.c.day, func.count()).where(condition).group_by(_FACTS.c.day).order_by(_FACTS.c.day)
    return [(day, count) for day, count in connection.execute(query)]


def _keep_what_was_said(connection: Connection, run: ActiveRun, leaving: ColumnElement[bool], now: datetime) -> None:
    """Write facts that leave into the revisions, day by day, for a day is as much as memory should hold."""
    kept = ("day", "key", "measure", "value", "weight", "revision", "fetched_at")
    found = connection.execute(select(*(_FACTS.c[name] for name in (*kept, *DIMENSIONS))).where(leaving))
    shared: dict[str, Any] = {"platform": run.platform, "replaced_at": now, "run_id": run.id, "withdrawn": True}
    rows = [
        {**shared, **dict(zip(kept, row, strict=False)), "dimensions": dimensions_json(tuple(row[len(kept) :]))}
        for row in found
    ]
    insert_new(connection, _REVISIONS, rows)
