"""Tables of usage: daily facts, what they said before, and which months of which platform changed."""

import datetime
from decimal import Decimal

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from gateway.storage.tables.columns import BigKey, Exact, Instant


class UsageFactRow(SQLModel, table=True):
    """One number of one measure on one day (of Asia/Shanghai) for one combination of dimensions.

    `key` is the SHA-256 (32 hexadecimal digits of it) of measure and dimensions, so that a corrected fact finds the one
    it replaces.
    """

    __tablename__ = "usage_facts"
    __table_args__ = {"sqlite_with_rowid": False}

    platform: str = Field(primary_key=True, max_length=100)
    day: datetime.date = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=32)
    measure: str = Field(max_length=100)
    region: str | None = Field(default=None, max_length=6)
    stage: str | None = Field(default=None, max_length=30)
    subject: str | None = Field(default=None, max_length=100)
    kind: str | None = Field(default=None, max_length=30)
    teaching_mode: str | None = Field(default=None, max_length=30)
    classroom_kind: str | None = Field(default=None, max_length=30)
    program: str | None = Field(default=None, max_length=100)
    resource: str | None = Field(default=None, max_length=250)
    value: Decimal = Field(sa_type=Exact)
    weight: Decimal | None = Field(default=None, sa_type=Exact)
    """What an average or a ratio is divided by."""
    sketch: bytes | None = None
    """Sketch of distinct people as the platform sent it."""
    revision: int = Field(sa_type=BigInteger)
    """As the platform numbers its corrections, which may be by the time."""
    run_id: str = Field(max_length=32)
    """The last run that reported it; empty where that began anew and has not come to it again."""
    fetched_at: datetime.datetime = Field(sa_type=Instant)
    """When this value arrived first."""


class UsageRevisionRow(SQLModel, table=True):
    """What a fact said before it was replaced or withdrawn."""

    __tablename__ = "usage_revisions"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    platform: str = Field(max_length=100, index=True)
    day: datetime.date
    key: str = Field(max_length=32)
    measure: str = Field(max_length=100)
    dimensions: str
    """JSON of the dimensions that are stated."""
    value: Decimal = Field(sa_type=Exact)
    weight: Decimal | None = Field(default=None, sa_type=Exact)
    revision: int = Field(sa_type=BigInteger)
    fetched_at: datetime.datetime = Field(sa_type=Instant)
    replaced_at: datetime.datetime = Field(sa_type=Instant)
    run_id: str = Field(max_length=32)
    """The run that replaced or withdrew it."""
    withdrawn: bool
    """Whether nothing took its place."""


class UsagePartitionRow(SQLModel, table=True):
    """A month of a platform with the sequence number of its last change, by which derived data is caught up."""

    __tablename__ = "usage_partitions"

    platform: str = Field(primary_key=True, max_length=100)
    month: str = Field(primary_key=True, max_length=7)
    """Such as 2026-03."""
    sequence: int = Field(sa_type=BigKey)
