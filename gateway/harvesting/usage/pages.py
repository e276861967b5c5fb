"""Storing one page of facts: numbers, what they said before, rejects, counts and checkpoint in one transaction."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from connectors.records import Accepted, Checkpoint, HarvestPage, R
from gateway.harvesting import quarantine, unmapped
from gateway.harvesting.bulk import insert_new, select_among, select_matching, upsert
from gateway.harvesting.checkpoints import advance, record
from gateway.harvesting.leases import Lease, confirm
from gateway.harvesting.reach import Days
from gateway.harvesting.starting import ActiveRun
from gateway.harvesting.usage.changes import DistinctFacts, FactChanges, Place, StoredFact, decide, distinct
from gateway.harvesting.usage.facts import DIMENSIONS, PreparedFact, dimensions_json
from gateway.harvesting.usage.partitions import touch
from gateway.storage.tables import HarvestSeen, UsageFactRow, UsageRevisionRow
from schema.usage import UsageFact

MOST_AT_ONCE = 20_000
"""Facts per transaction, a second or so."""
FACT_KEY = ("platform", "day", "key")
_FACTS = UsageFactRow.metadata.tables["usage_facts"]
_REVISIONS = UsageRevisionRow.metadata.tables["usage_revisions"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]


def portions(page: HarvestPage[R], before: Checkpoint | None, most: int | None = None) -> Iterator[HarvestPage[R]]:
    """A page in parts that one transaction can hold without keeping others waiting; the last one moves the checkpoint.

    Events are counted to the end of a window, so that one page may hold all of its facts. `before` is the checkpoint
    that the other parts leave where it is: after a kill the page is read again, and what was stored of it is the same.
    """
    most = most or MOST_AT_ONCE
    while len(page.accepted) > most:
        yield HarvestPage(page.accepted[:most], checkpoint=before)
        page = replace(page, accepted=page.accepted[most:])
    yield page


def store_facts(
    connection: Connection, now: datetime, lease: Lease, run: ActiveRun, days: Days, page: HarvestPage[UsageFact]
) -> ActiveRun:
    """Store a page of facts and its checkpoint; returns the run as it is once the transaction of `connection` commits.

    Where somebody asked that the run end, it ends in the same transaction, with this page.
    """
    confirm(connection, now, lease)
    pruned = distinct(page, days)
    changes = decide(pruned, _stored(connection, run, pruned), _met(connection, run, pruned), run.id)
    after = advance(run, page, changes.counts)
    _write_findings(connection, after, pruned, changes.first_met, now)
    _write_facts(connection, run, changes, now)
    record(connection, now, after)
    touch(connection, run.platform, (fact.day for fact in changes.written))
    return after


def _stored(connection: Connection, run: ActiveRun, page: DistinctFacts) -> Mapping[Place, StoredFact]:
    columns = (
        _FACTS.c.day,
        _FACTS.c.key,
        _FACTS.c.value,
        _FACTS.c.weight,
        _FACTS.c.sketch,
        _FACTS.c.revision,
        _FACTS.c.run_id,
        _FACTS.c.fetched_at,
    )
    places = list(zip(*page.facts, strict=True))
    found = select_matching(
        connection, columns, _FACTS.c.platform == run.platform, (_FACTS.c.day, _FACTS.c.key), places
    )
    return {(day, key): StoredFact(*rest) for day, key, *rest in found}


def _met(connection: Connection, run: ActiveRun, page: DistinctFacts) -> frozenset[str]:
    """Keys of rejects that the run has met before; of a fact its row tells that."""
    of_run = _SEEN.c.run_id == run.id
    found = select_among(connection, (_SEEN.c.native_id,), of_run, _SEEN.c.native_id, list(page.rejected))
    return frozenset(key for (key,) in found)


def _write_findings(
    connection: Connection, run: ActiveRun, page: DistinctFacts, first_met: Iterable[Accepted[UsageFact]], now: datetime
) -> None:
    """What the run rejects, and what no vocabulary knows."""
    insert_new(connection, _SEEN, [{"run_id": run.id, "native_id": key} for key in page.rejected])
    quarantine.put(connection, run.platform, run.id, page.rejected, now)
    unmapped.add(connection, run.platform, run.id, unmapped.tally_facts(first_met), run.unmapped)


def _write_facts(connection: Connection, run: ActiveRun, changes: FactChanges, now: datetime) -> None:
    insert_new(connection, _REVISIONS, [_revision(run, fact, before, now) for fact, before in changes.replaced])
    upsert(connection, _FACTS, [_row(run, fact, fact.revision, now) for fact in changes.written], key=FACT_KEY)
    confirmed = [_row(run, fact, revision, now) for fact, revision in changes.confirmed]
    upsert(connection, _FACTS, confirmed, key=FACT_KEY, replace=["revision", "run_id"])


def _row(run: ActiveRun, fact: PreparedFact, revision: int, now: datetime) -> dict[str, Any]:
    return {
        "platform": run.platform,
        "day": fact.day,
        "key": fact.key,
        "measure": fact.measure,
        **dict(zip(DIMENSIONS, fact.stated, strict=True)),
        "value": fact.value,
        "weight": fact.weight,
        "sketch": fact.sketch,
        "revision": revision,
        "run_id": run.id,
        "fetched_at": now,
    }


def _revision(run: ActiveRun, fact: PreparedFact, before: StoredFact, now: datetime) -> dict[str, Any]:
    return {
        "platform": run.platform,
        "day": fact.day,
        "key": fact.key,
        "measure": fact.measure,
        "dimensions": dimensions_json(fact.stated),
        "value": before.value,
        "weight": before.weight,
        "revision": before.revision,
        "fetched_at": before.fetched_at,
        "replaced_at": now,
        "run_id": run.id,
        "withdrawn": False,
    }
