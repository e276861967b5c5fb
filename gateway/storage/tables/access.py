"""Tables of access: keys of the API, agreements between regions, and the audit log."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from gateway.storage.tables.columns import BigKey, Instant


class ApiKeyRow(SQLModel, table=True):
    """One key; of the secret only a digest is kept. `id` is the part of the key that may be shown."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=200)
    digest: bytes
    """SHA-256 of the whole key, whose secret part is 256 random bits."""
    grants: str
    """JSON list of `{"role", "region"}`."""
    scopes: str
    """JSON list of scopes."""
    teacher_id: str | None = Field(default=None, max_length=32)
    per_minute: int | None = None
    """Requests a minute; None is what the settings say."""
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(max_length=200)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_by: str | None = Field(default=None, max_length=200)
    rotated_from: str | None = Field(default=None, max_length=32)
    """The key whose place it takes."""


class SharingAgreementRow(SQLModel, table=True):
    """What one region shows another; whether it has expired is a matter of the day, not of the row."""

    __tablename__ = "sharing_agreements"

    id: str = Field(primary_key=True, max_length=32)
    from_region: str = Field(max_length=6)
    to_region: str = Field(max_length=6)
    purposes: str
    """JSON list of purposes."""
    fields: str
    """JSON list of schema coordinates."""
    valid_from: date
    valid_to: date | None = None
    basis: str
    state: str = Field(max_length=20)
    """PROPOSED, ACTIVE or REVOKED."""
    proposed_by: str = Field(max_length=200)
    proposed_for: str = Field(max_length=6)
    """The side that proposed it; the other one accepts."""
    proposed_at: datetime = Field(sa_type=Instant)
    accepted_by: str | None = Field(default=None, max_length=200)
    accepted_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_by: str | None = Field(default=None, max_length=200)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_reason: str | None = None


class AuditRow(SQLModel, table=True):
    """One line of the audit log. Lines are only ever added; each holds a keyed hash over itself and the one before."""

    __tablename__ = "audit_log"

    sequence: int = Field(primary_key=True, sa_type=BigKey)
    """From the counter `audit`, without gaps."""
    at: datetime = Field(sa_type=Instant)
    principal: str = Field(max_length=200)
    purpose: str | None = Field(default=None, max_length=30)
    action: str = Field(max_length=50)
    outcome: str = Field(max_length=10)
    subjects: str
    """JSON list of our own ids, such as `TrainingRecord:0f3c…`."""
    fields: str
    """JSON list of schema coordinates."""
    detail: str
    """JSON object; never personal data."""
    trace_id: str = Field(max_length=64)
    previous: bytes
    hash: bytes
