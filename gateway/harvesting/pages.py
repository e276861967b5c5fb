"""Storing one page: records, rejects, counts and checkpoint in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from connectors.records import HarvestPage
from gateway.harvesting import quarantine, unmapped
from gateway.harvesting.bulk import delete_among, insert_new, select_among, upsert
from gateway.harvesting.changes import (
    DistinctPage,
    PageChanges,
    PreparedRecord,
    StoredRecord,
    decide,
    distinct,
    prepare,
)
from gateway.harvesting.checkpoints import advance, record
from gateway.harvesting.copies import copy_keys
from gateway.harvesting.leases import Lease, confirm
from gateway.harvesting.starting import ActiveRun
from gateway.harvesting.withdrawals import withdraw_deleted
from gateway.storage import CATALOG, reserve_numbers
from gateway.storage.tables import HarvestSeen, ResourceCopyKey, ResourceLink, ResourceRow

_RESOURCES = ResourceRow.metadata.tables["resources"]
_LINKS = ResourceLink.metadata.tables["resource_links"]
_COPY_KEYS = ResourceCopyKey.metadata.tables["resource_copy_keys"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]


def store_page(connection: Connection, now: datetime, lease: Lease, run: ActiveRun, page: HarvestPage) -> ActiveRun:
    """Store a page and its checkpoint; returns the run as it is once the transaction of `connection` commits.

    Where somebody asked that the run end, it ends in the same transaction, with this page.
    """
    confirm(connection, now, lease)
    pruned = distinct(page)
    prepared = [prepare(accepted, run.access) for accepted in pruned.accepted.values()]
    changes = decide(pruned, prepared, *_known(connection, run, pruned))
    changes.counts.expected = page.expected
    after = advance(run, page, changes.counts)
    _write_findings(connection, after, pruned, changes, now)
    after.counts.withdrawn += withdraw_deleted(connection, run.platform, changes.deleted, now)
    record(connection, now, after)
    _write_relations(connection, run.platform, changes)
    _write_records(connection, run, changes.written, now)
    return after


def _known(
    connection: Connection, run: ActiveRun, page: DistinctPage
) -> tuple[Mapping[str, StoredRecord], frozenset[str]]:
    """What is stored of the page's records, and which of its keys the run has met before."""
    columns = (_RESOURCES.c.native_id, _RESOURCES.c.content_hash, _RESOURCES.c.withdrawn_at)
    of_platform = _RESOURCES.c.platform == run.platform
    found = select_among(connection, columns, of_platform, _RESOURCES.c.native_id, list(page.accepted))
    stored = {native_id: StoredRecord(bytes(hashed), gone is not None) for native_id, hashed, gone in found}
    met = select_among(connection, (_SEEN.c.native_id,), _SEEN.c.run_id == run.id, _SEEN.c.native_id, page.keys)
    return stored, frozenset(native_id for (native_id,) in met)


def _write_findings(
    connection: Connection, run: ActiveRun, page: DistinctPage, changes: PageChanges, now: datetime
) -> None:
    """Whom the run has met, what it rejects, what is no longer rejected and what no vocabulary knows."""
    insert_new(connection, _SEEN, [{"run_id": run.id, "native_id": key} for key in changes.met])
    quarantine.lift(connection, run.platform, [*page.accepted, *changes.deleted])
    quarantine.put(connection, run.platform, run.id, changes.rejected, now)
    written = {record.native_id for record in changes.written}
    counting = [a for a in changes.accepted if run.since is None or a.record.native_id in written]
    unmapped.add(connection, run.platform, run.id, unmapped.tally(counting), run.unmapped)


def _write_relations(connection: Connection, platform: str, changes: PageChanges) -> None:
    """Links and copy keys of new and changed records."""
    renewed = [record.native_id for record in changes.updated]
    if renewed:
        delete_among(connection, _LINKS.c.platform == platform, _LINKS.c.source, renewed)
        delete_among(connection, _COPY_KEYS.c.platform == platform, _COPY_KEYS.c.native_id, renewed)
    links = [link for record in changes.written for link in _links(platform, record)]
    keys = [
        {"platform": platform, "native_id": record.native_id, "key": key}
        for record in changes.written
        for key in copy_keys(record.accepted.record)
    ]
    insert_new(connection, _LINKS, links)
    insert_new(connection, _COPY_KEYS, keys)


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


def _write_records(connection: Connection, run: ActiveRun, records: Sequence[PreparedRecord], now: datetime) -> None:
    """The records themselves, last of all: the change counter is locked from here to the commit."""
    if not records:
        return
    shared = {"platform": run.platform, "manifest_version": run.version, "fetched_at": now, "withdrawn_at": None}
    numbers = reserve_numbers(connection, CATALOG, len(records))
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
    upsert(connection, _RESOURCES, rows, key=["platform", "native_id"])
