"""Tables of the credit bank: rules, the append-only ledger, and what other regions decided about its lines."""

import datetime
from decimal import Decimal

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from gateway.storage.tables.columns import BigKey, Exact, Instant


class CreditRuleRow(SQLModel, table=True):
    """One version of a rule; never changed, since awards name it. `retired_at` takes it out of new conversions."""

    __tablename__ = "credit_rules"

    id: str = Field(primary_key=True, max_length=120)
    """`code@version`."""
    code: str = Field(max_length=100)
    version: int
    region: str = Field(max_length=6)
    sample: bool
    body: str
    """JSON of the rule."""
    added_at: datetime.datetime = Field(sa_type=Instant)
    retired_at: datetime.datetime | None = Field(default=None, sa_type=Instant)


class LedgerEntryRow(SQLModel, table=True):
    """One line: an award, or the exact opposite of an earlier one. Lines are only ever added."""

    __tablename__ = "ledger_entries"
    __table_args__ = (UniqueConstraint("reverses_id"), UniqueConstraint("sequence"))

    id: str = Field(primary_key=True, max_length=32)
    sequence: int = Field(sa_type=BigKey)
    """From the counter `ledger`: the order in which lines were written."""
    account_id: str = Field(max_length=32, index=True)
    """The account of the teacher that the record is of."""
    record_id: str = Field(max_length=32, index=True)
    account: str = Field(max_length=30)
    hours: Decimal = Field(sa_type=Exact)
    uncapped_hours: Decimal = Field(sa_type=Exact)
    """Before caps and rounding."""
    rule_id: str = Field(max_length=120)
    inputs: str = Field(max_length=64)
    """SHA-256 of what the record said when it was converted: with the same inputs an award keeps its rule."""
    caps_hit: str
    """JSON list of caps."""
    explanation: str
    """JSON list of sentences."""
    kind: str = Field(max_length=30)
    activity_on: datetime.date
    """First day of the activity, which says in whose year and cycle it counts."""
    awarded_at: datetime.datetime = Field(sa_type=Instant)
    reverses_id: str | None = Field(default=None, max_length=32)
    """The line this one takes back; no line is taken back twice."""


class CreditRecognitionRow(SQLModel, table=True):
    """What a region decided about an award; the newest decision of a region holds."""

    __tablename__ = "credit_recognitions"
    __table_args__ = (UniqueConstraint("entry_id", "region", "number"),)

    id: str = Field(primary_key=True, max_length=32)
    entry_id: str = Field(max_length=32)
    record_id: str = Field(max_length=32, index=True)
    region: str = Field(max_length=6)
    number: int
    """Decisions of this region about this line, counted from 1."""
    state: str = Field(max_length=20)
    hours: Decimal = Field(sa_type=Exact)
    rule_id: str | None = Field(default=None, max_length=120)
    note: str | None = None
    decided_at: datetime.datetime = Field(sa_type=Instant)
    decided_by: str = Field(max_length=200)
