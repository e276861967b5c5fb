"""Tables of the registry: connectors, their immutable versions, the audit of actions, sealed secrets and drift."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from gateway.storage.tables.columns import BigKey, Instant


class ConnectorRow(SQLModel, table=True):
    """Where one connector stands; `revision` is the number of its last change in commit order."""

    __tablename__ = "connectors"

    platform: str = Field(primary_key=True, max_length=100)
    state: str = Field(max_length=20)
    newest_version: int
    active_version: int | None = None
    canary_version: int | None = None
    earlier_versions: str
    """JSON list of the versions that were active before, the last one at its end."""
    suspended_because: str | None = None
    source: str = Field(max_length=300)
    """`file:<name>` or `registered`."""
    trusted_origins: str
    """JSON list of the origins that secrets of the operator may travel to."""
    registered_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    revision: int = Field(sa_type=BigKey)


class ConnectorVersionRow(SQLModel, table=True):
    """One version of a manifest; rows are inserted and never changed."""

    __tablename__ = "connector_versions"

    platform: str = Field(primary_key=True, max_length=100)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    manifest: str
    digest: str = Field(max_length=64)
    """SHA-256 of the text."""
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(max_length=300)
    capabilities: str
    """JSON list."""
    report: str
    """JSON of the offline check when it was published."""


class ConnectorEventRow(SQLModel, table=True):
    """One action on a connector; rows are inserted and never changed."""

    __tablename__ = "connector_events"
    __table_args__ = (Index("ix_connector_events_platform", "platform", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    platform: str = Field(max_length=100)
    at: datetime = Field(sa_type=Instant)
    by: str = Field(max_length=300)
    action: str = Field(max_length=50)
    version: int | None = None
    detail: str
    """JSON object without secrets."""


class ConnectorSecretRow(SQLModel, table=True):
    """One sealed secret and the origins it was set for."""

    __tablename__ = "connector_secrets"

    platform: str = Field(primary_key=True, max_length=100)
    name: str = Field(primary_key=True, max_length=100)
    sealed: bytes
    key_id: str = Field(max_length=8)
    origins: str
    """JSON list."""
    updated_at: datetime = Field(sa_type=Instant)


class ConnectorShapeRow(SQLModel, table=True):
    """The shape of a platform's records: of the first complete run of a version, and of the last."""

    __tablename__ = "connector_shapes"

    platform: str = Field(primary_key=True, max_length=100)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(primary_key=True, max_length=20)
    """`baseline` or `last`."""
    run_id: str = Field(max_length=32)
    shape: str
    """JSON: `records` and `paths`."""


class ConnectorDriftRow(SQLModel, table=True):
    """A difference between the first and a later run of a version."""

    __tablename__ = "connector_drift"

    platform: str = Field(primary_key=True, max_length=100)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    field: str = Field(primary_key=True, max_length=500)
    kind: str = Field(primary_key=True, max_length=20)
    message: str
    first_seen_at: datetime = Field(sa_type=Instant)
    records: int
