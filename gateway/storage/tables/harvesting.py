"""Tables of harvesting: runs with their checkpoint, what a run has seen, rejects and unmapped values."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from gateway.storage.tables.columns import BigKey, Instant

UNFINISHED = text("state IN ('QUEUED', 'RUNNING')")
"""Runs that wait or are under way; SQLite uses the index only where a query has the very same words."""


class HarvestRunRow(SQLModel, table=True):
    """One run of one connector; counts and checkpoint are written in the transaction of each page.

    A platform has at most one unfinished run, whoever asks for it and on whichever node.
    """

    __tablename__ = "harvest_runs"
    __table_args__ = (
        Index("ix_harvest_runs_platform", "platform", "started_at"),
        Index(
            "ix_harvest_runs_unfinished", "platform", unique=True, sqlite_where=UNFINISHED, postgresql_where=UNFINISHED
        ),
    )

    id: str = Field(primary_key=True, max_length=32)
    platform: str = Field(max_length=100)
    manifest_version: int
    kind: str = Field(max_length=20)
    state: str = Field(max_length=20)
    since: datetime | None = Field(default=None, sa_type=Instant)
    first_day: date | None = None
    """Of a run of usage that has begun: the first of the days it asks for, which a resumed one asks for again."""
    last_day: date | None = None
    started_at: datetime = Field(sa_type=Instant)
    """Of a queued run that never ran: when it was asked for."""
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    checkpoint: str | None = None
    """JSON of the connector's checkpoint after the last committed page; absent once nothing is left to resume."""
    pages: int = 0
    seen: int = 0
    expected: int | None = None
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    quarantined: int = 0
    duplicates: int = 0
    """Records whose native id the run had met before; the last one wins."""
    error_code: str | None = Field(default=None, max_length=50)
    error: str | None = None
    failures: int = 0
    """How often it ended without success; a run that is resumed keeps its count."""
    requested_by: str | None = Field(default=None, max_length=200)
    """Who asked for it; absent where it was carried out without being queued."""
    cancel_requested_by: str | None = Field(default=None, max_length=200)
    """Who asked that it end while it was running; noticed at its next page."""


class HarvestLease(SQLModel, table=True):
    """Who may harvest a platform now; `token` grows with every new holder and fences off the earlier ones."""

    __tablename__ = "harvest_leases"

    platform: str = Field(primary_key=True, max_length=100)
    holder: str = Field(max_length=300)
    """Host, process and a nonce of the process; empty when released."""
    token: int
    expires_at: datetime = Field(sa_type=Instant)


class HarvestSeen(SQLModel, table=True):
    """Native ids a run has met so far; emptied when the run ends."""

    __tablename__ = "harvest_seen"
    __table_args__ = {"sqlite_with_rowid": False}

    run_id: str = Field(primary_key=True, max_length=32)
    native_id: str = Field(primary_key=True, max_length=250)


class QuarantinedRow(SQLModel, table=True):
    """The latest rejected version of a record, or one row per anonymous reject; gone when the record is accepted."""

    __tablename__ = "quarantined_records"
    __table_args__ = (Index("ix_quarantined_records_platform", "platform", "native_id"),)

    id: str = Field(primary_key=True, max_length=32)
    platform: str = Field(max_length=100)
    native_id: str | None = Field(default=None, max_length=250)
    run_id: str = Field(max_length=32)
    code: str = Field(max_length=100)
    """Code of the first finding."""
    findings: str
    """JSON list of findings."""
    raw: str
    seen_at: datetime = Field(sa_type=Instant)


class UnmappedValueRow(SQLModel, table=True):
    """A value no vocabulary table knows, as counted over the last full run."""

    __tablename__ = "unmapped_values"
    __table_args__ = (UniqueConstraint("platform", "run_id", "field", "value"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    platform: str = Field(max_length=100)
    run_id: str = Field(max_length=32)
    field: str = Field(max_length=100)
    value: str = Field(max_length=500)
    count: int
    example: str = Field(max_length=250)
    """Native id of one record that holds it."""
