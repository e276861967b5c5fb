"""Storing one page: records, rejects, counts and checkpoint in one transaction."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.records import Checkpoint, HarvestPage
from gateway.harvesting import quarantine, unmapped
from gateway.harvesting.bulk import among, insert_new, upsert
from gateway.harvesting.changes import (
    DistinctPage,
    PageChanges,
    PreparedRecord,
    StoredRecord,
    decide,
    distinct,
    prepare,
)
from gateway.harvesting.copies import copy_keys
from gateway.harvesting.leases import Lease, confirm
from gateway.harvesting.runs import RunCounts
from gateway.harvesting.starting import ActiveRun
from gateway.harvesting.withdrawals import withdraw_deleted
from gateway.storage import CATALOG, Database, take_numbers
from gateway.storage.tables import HarvestRunRow, HarvestSeen, ResourceCopyKey, ResourceLink, ResourceRow

BREATH = 250
"""Records prepared before other work of the event loop gets its turn."""
_RESOURCES = ResourceRow.metadata.tables["resources"]
_LINKS = ResourceLink.metadata.tables["resource_links"]
_COPY_KEYS = ResourceCopyKey.metadata.tables["resource_copy_keys"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]
_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]


async def store_page(database: Database, lease: Lease, run: ActiveRun, page: HarvestPage, now: datetime) -> None:
    """Store a page and its checkpoint; the run's counts grow only when the transaction has committed.

    What is stored is read before the write transaction begins. That is safe because `confirm` refuses the transaction
    unless this run has held the platform's lease all the while.
    """
    pruned = distinct(page)
    stored, met = await _known(database, run, pruned)
    prepared: list[PreparedRecord] = []
    for number, accepted in enumerate(pruned.accepted.values(), 1):
        prepared.append(prepare(accepted, run.access))
        if number % BREATH == 0:
            await asyncio.sleep(0)
    changes = decide(pruned, prepared, stored, met)
    counts = _added(run.counts, changes.counts, page.expected)
    known_values = set(run.unmapped)
    async with database.writing() as connection:
        await confirm(connection, lease, now)
        await _write_findings(connection, run, pruned, changes, known_values, now)
        counts.withdrawn += await withdraw_deleted(connection, run.platform, changes.deleted, now)
        await _write_run(connection, run, counts, page.checkpoint)
        await _write_relations(connection, run.platform, changes)
        await _write_records(connection, run, changes.written, now)
    run.counts, run.checkpoint, run.unmapped = counts, page.checkpoint, known_values


async def _known(
    database: Database, run: ActiveRun, page: DistinctPage
) -> tuple[Mapping[str, StoredRecord], frozenset[str]]:
    """What is stored of the page's records, and which of its keys the run has met before."""
    async with database.reading() as connection:
        columns = (_RESOURCES.c.native_id, _RESOURCES.c.content_hash, _RESOURCES.c.withdrawn_at)
        named = among(_RESOURCES.c.native_id, list(page.accepted), connection)
        rows = await connection.execute(select(*columns).where(_RESOURCES.c.platform == run.platform, named))
        stored = {native_id: StoredRecord(bytes(hashed), gone is not None) for native_id, hashed, gone in rows}
        met = among(_SEEN.c.native_id, page.keys, connection)
        keys = await connection.execute(select(_SEEN.c.native_id).where(_SEEN.c.run_id == run.id, met))
        return stored, frozenset(keys.scalars())


def _added(before: RunCounts, page: RunCounts, expected: int | None) -> RunCounts:
    counts = replace(before, expected=before.expected if expected is None else expected)
    for name in RunCounts.__slots__:
        if name != "expected":
            setattr(counts, name, getattr(before, name) + getattr(page, name))
    return counts


async def _write_findings(
    connection: AsyncConnection,
    run: ActiveRun,
    page: DistinctPage,
    changes: PageChanges,
    known_values: set[unmapped.Key],
    now: datetime,
) -> None:
    """Whom the run has met, what it rejects, what is no longer rejected and what no vocabulary knows."""
    await insert_new(connection, _SEEN, [{"run_id": run.id, "native_id": key} for key in changes.met])
    await quarantine.lift(connection, run.platform, [*page.accepted, *changes.deleted])
    await quarantine.put(connection, run.platform, run.id, changes.rejected, now)
    written = {record.native_id for record in changes.written}
    counting = [a for a in changes.accepted if run.since is None or a.record.native_id in written]
    await unmapped.add(connection, run.platform, run.id, unmapped.tally(counting), known_values)


async def _write_run(
    connection: AsyncConnection, run: ActiveRun, counts: RunCounts, checkpoint: Checkpoint | None
) -> None:
    text = None if checkpoint is None else json.dumps(dict(checkpoint))
    await connection.execute(update(_RUNS).where(_RUNS.c.id == run.id).values(checkpoint=text, **asdict(counts)))


async def _write_relations(connection: AsyncConnection, platform: str, changes: PageChanges) -> None:
    """Links and copy keys of new and changed records."""
    renewed = [record.native_id for record in changes.updated]
    if renewed:
        mine = (_LINKS.c.platform == platform) & among(_LINKS.c.source, renewed, connection)
        await connection.execute(delete(_LINKS).where(mine))
        mine = (_COPY_KEYS.c.platform == platform) & among(_COPY_KEYS.c.native_id, renewed, connection)
        await connection.execute(delete(_COPY_KEYS).where(mine))
    links = [link for record in changes.written for link in _links(platform, record)]
    keys = [
        {"platform": platform, "native_id": record.native_id, "key": key}
        for record in changes.written
        for key in copy_keys(record.accepted.record)
    ]
    await insert_new(connection, _LINKS, links)
    await insert_new(connection, _COPY_KEYS, keys)


def _links(platform: str, record: PreparedRecord) -> list[dict[str, Any]]:
    """A record's links; a link stated twice keeps its first place."""
    related = record.accepted.record.related
    places = {(link.relation, link.native_id): (place, link) for place, link in reversed(list(enumerate(related)))}
    return [
        {
            "platform": platform,
            "source": record.native_id,
            "relation": relation,
            "target": target,
            "position": place if link.position is None else link.position,
        }
        for (relation, target), (place, link) in places.items()
    ]


async def _write_records(
    connection: AsyncConnection, run: ActiveRun, records: Sequence[PreparedRecord], now: datetime
) -> None:
    """The records themselves, last of all: the change counter is locked from here to the commit."""
    if not records:
        return
    shared = {"platform": run.platform, "manifest_version": run.version, "fetched_at": now, "withdrawn_at": None}
    numbers = await take_numbers(connection, CATALOG, len(records))
    rows = [
        {
            **shared,
            "native_id": record.native_id,
            "sequence": number,
            "access": record.access,
            "content_hash": record.content_hash,
            "body": record.body,
            "unmapped": record.unmapped,
            "digest": record.accepted.digest,
            "modified_upstream_at": record.accepted.modified_upstream_at,
        }
        for number, record in zip(numbers, records, strict=True)
    ]
    await upsert(connection, _RESOURCES, rows, key=["platform", "native_id"])
