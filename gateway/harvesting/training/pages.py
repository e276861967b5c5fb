"""Storing one page of training records: records, credits, masked rejects, counts and checkpoint in one transaction."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from connectors.masking import masked
from connectors.records import Accepted, HarvestPage, Rejected
from gateway.harvesting import quarantine, unmapped
from gateway.harvesting.bulk import insert_new, select_among
from gateway.harvesting.checkpoints import advance, record
from gateway.harvesting.leases import Lease, confirm
from gateway.harvesting.ports import RunFacts, TakenIn, TrainingIntake
from gateway.harvesting.runs import RunCounts
from gateway.harvesting.starting import ActiveRun
from gateway.harvesting.training.screening import screened
from gateway.storage.tables import HarvestSeen
from schema.training import TrainingReport

MOST_AT_ONCE = 1_000
"""Records per transaction, since credits are worked out in it."""
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]


def store_reports(
    connection: Connection,
    now: datetime,
    lease: Lease,
    run: ActiveRun,
    intake: TrainingIntake,
    page: HarvestPage[TrainingReport],
) -> ActiveRun:
    """Store a page and its checkpoint; returns the run as it is once the transaction of `connection` commits.

    Where somebody asked that the run end, it ends in the same transaction, with this page.
    """
    confirm(connection, now, lease)
    sound = screened(page)
    listed = {item.record.native_id for item in sound.accepted}
    broken = [item for item in sound.rejected if item.native_id not in listed]
    rejects = {_key(intake, run.platform, item): masked(item) for item in broken}
    met = _met(connection, run, list(rejects))
    fresh = _first_met(connection, run, sound.accepted)
    taken = intake.store(connection, now, facts(run), sound)
    counted = [item for item in fresh if run.since is None or item.record.native_id in taken.changed]
    quarantined = len(rejects) - len(met)
    counts = _counts(page, taken, quarantined, again=len(sound.rejected) - quarantined)
    after = advance(run, page, counts)
    insert_new(connection, _SEEN, [{"run_id": run.id, "native_id": key} for key in rejects])
    mended = [intake.mark(run.platform, item.record.native_id) for item in sound.accepted]
    quarantine.lift_marked(connection, run.platform, [quarantine.training_key(mark) for mark in mended])
    quarantine.put(connection, run.platform, run.id, rejects, now)
    unmapped.add(connection, run.platform, run.id, unmapped.tally_reports(counted), after.unmapped)
    record(connection, now, after)
    return after


def _counts(page: HarvestPage[TrainingReport], taken: TakenIn, quarantined: int, again: int) -> RunCounts:
    return RunCounts(
        pages=1,
        seen=taken.created + taken.updated + taken.unchanged + quarantined,
        expected=page.expected,
        created=taken.created,
        updated=taken.updated,
        unchanged=taken.unchanged,
        withdrawn=taken.withdrawn,
        quarantined=quarantined,
        duplicates=taken.duplicates + again,
    )


def facts(run: ActiveRun) -> RunFacts:
    """What the intake has to know of a run."""
    return RunFacts(run.id, run.platform, run.region, run.version)


def _key(intake: TrainingIntake, platform: str, rejected: Rejected) -> str:
    return quarantine.training_key(intake.mark(platform, rejected.native_id or rejected.raw))


def _met(connection: Connection, run: ActiveRun, keys: list[str]) -> frozenset[str]:
    """Keys of rejects that the run has met before."""
    found = select_among(connection, (_SEEN.c.native_id,), _SEEN.c.run_id == run.id, _SEEN.c.native_id, keys)
    return frozenset(key for (key,) in found)


def _first_met(
    connection: Connection, run: ActiveRun, accepted: Iterable[Accepted[TrainingReport]]
) -> list[Accepted[TrainingReport]]:
    """Records with unmapped values that the run meets for the first time."""
    noted = {item.record.native_id: item for item in accepted if item.unmapped}
    met = _met(connection, run, list(noted))
    return [item for native_id, item in noted.items() if native_id not in met]
