"""A platform in memory that reports training, and a credit bank beside the harvests that takes it in."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from connectors.context import ConnectorContext
from connectors.records import Accepted, HarvestPage, HarvestRequest, Rejected, Unmapped
from gateway.harvesting import HarvestingService, HarvestKind, HarvestRun
from gateway.storage import Database
from gateway.storage.tables import TrainingRecordRow
from gateway.training.credit.posting import Posting
from gateway.training.credit.rules import synchronize_rules
from gateway.training.records.intake import Intake
from schema.findings import Finding
from schema.platforms import Capability
from schema.training import RecordState, TrainingKind, TrainingReport
from tests.gateway.harvesting.upstream import NOW, Upstream
from tests.gateway.harvesting.usage.counting import Ticking
from tests.gateway.training.rule import rule
from tests.gateway.training.stored import KEYS, Resources

CAN_TRAINING = frozenset({Capability.HARVEST, Capability.INCREMENTAL, Capability.TRAINING})
_TABLES = TrainingRecordRow.metadata.tables


@dataclass
class Reporting(Upstream):
    """Reports `reported` page by page; pauses and faults are those of `Upstream`."""

    capabilities: frozenset[Capability] = CAN_TRAINING
    reported: list[HarvestPage[TrainingReport]] = field(default_factory=list)

    def training(
        self, context: ConnectorContext, request: HarvestRequest
    ) -> AsyncIterator[HarvestPage[TrainingReport]]:
        self.requests.append(request)
        return self._listing(self.reported, request.checkpoint)


def report(
    native_id: str, teacher: str = "T-1", *, unmapped: Sequence[str] = (), **more: Any
) -> Accepted[TrainingReport]:
    """A recognized course of two hours on 2026-01-05, with any field said otherwise."""
    said: dict[str, Any] = {
        "title": f"研修 {native_id}",
        "kind": TrainingKind.COURSE,
        "starts_on": date(2026, 1, 5),
        "ends_on": date(2026, 1, 5),
        "quantity": Decimal(2),
        "unit": "HOUR",
        "state": RecordState.RECOGNIZED,
        "version": 1,
    }
    made = TrainingReport(native_id=native_id, teacher_id=teacher, **(said | more))
    digest = hashlib.sha256(made.to_json()).hexdigest()
    return Accepted(made, digest, None, tuple(Unmapped("level", word) for word in unmapped))


def page(*reports: Accepted[TrainingReport], **more: Any) -> HarvestPage[TrainingReport]:
    return HarvestPage(reports, **more)


def broken(native_id: str | None, raw: str, *, code: str = "kind.unknown", **more: Any) -> Rejected:
    return Rejected(native_id, (Finding(code, "no word of ours", **more),), raw)


@dataclass
class Office:
    """Harvests training of platforms in memory into a database, as the gateway does."""

    database: Database
    resources: Resources = field(default_factory=Resources)
    clock: Ticking = field(default_factory=Ticking)

    @property
    def posting(self) -> Posting:
        return Posting(self.resources, samples=True)

    @property
    def service(self) -> HarvestingService:
        return HarvestingService(self.database, clock=self.clock, intake=Intake(self.posting, KEYS))

    async def rules(self) -> None:
        """An hour for each hour in 重庆."""
        await synchronize_rules(self.database, NOW, [rule()])

    async def harvest(self, *pages: HarvestPage[TrainingReport], **more: Any) -> HarvestRun:
        """Harvest the training of 重庆 that consists of these pages."""
        upstream = Reporting(reported=list(pages), **more)
        return await self.service.run(upstream, upstream.context(), kind=HarvestKind.TRAINING)

    async def rows(self, table: str, *order: str) -> list[Any]:
        """All rows of a table."""
        columns = _TABLES[table]
        async with self.database.reading() as connection:
            return list(await connection.execute(select(columns).order_by(*(columns.c[name] for name in order))))

    async def records(self) -> Mapping[str, Any]:
        """Stored records by native id."""
        return {row.native_id: row for row in await self.rows("training_records")}

    async def history(self, native_id: str) -> list[tuple[int, str, str | None]]:
        """Version, state and note of each event of a record."""
        record = (await self.records())[native_id]
        events = await self.rows("training_versions", "version")
        return [(row.version, row.state, row.note) for row in events if row.record_id == record.id]

    async def hours(self) -> dict[str, list[str]]:
        """Hours of every line by native id, as they were written."""
        names = {row.id: row.native_id for row in await self.rows("training_records")}
        found: dict[str, list[str]] = {}
        for line in await self.rows("ledger_entries", "sequence"):
            found.setdefault(names[line.record_id], []).append(f"{line.hours.normalize():f}")
        return found


def counts(run: HarvestRun) -> tuple[int, int, int, int, int, int, int]:
    """Seen, created, updated, unchanged, withdrawn, quarantined, duplicates."""
    return run.seen, run.created, run.updated, run.unchanged, run.withdrawn, run.quarantined, run.duplicates
