"""Tables of the catalog: resources with their change sequence, links and copies."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from gateway.storage.tables.columns import BigKey, Instant


class ChangeCounter(SQLModel, table=True):
    """One row per kind of derived data; its value is the last change sequence given out.

    A writer takes numbers by updating this row and holds it to the end of its transaction, so numbers become visible in
    commit order and a reader that follows them misses nothing.
    """

    __tablename__ = "change_counters"

    name: str = Field(primary_key=True, max_length=50)
    value: int = Field(sa_type=BigKey)


class ResourceRow(SQLModel, table=True):
    """One record of one platform. A withdrawn one stays as a tombstone with a new sequence number."""

    __tablename__ = "resources"
    __table_args__ = (
        UniqueConstraint("platform", "native_id"),
        Index("ix_resources_sequence", "sequence", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    platform: str = Field(max_length=100)
    native_id: str = Field(max_length=250)
    sequence: int = Field(sa_type=BigKey)
    access: str = Field(max_length=20)
    """Effective tier: the stricter of the platform's and the resource's."""
    content_hash: bytes
    """SHA-256 of `body` and `unmapped`; an equal hash means nothing to write."""
    body: bytes
    """`ResourceRecord.to_json()`."""
    unmapped: str
    """JSON list of `field: value` texts."""
    digest: str = Field(max_length=64)
    manifest_version: int
    fetched_at: datetime = Field(sa_type=Instant)
    modified_upstream_at: datetime | None = Field(default=None, sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class ResourceLink(SQLModel, table=True):
    """A link as the source record states it; the target may not have been harvested yet."""

    __tablename__ = "resource_links"
    __table_args__ = (
        Index("ix_resource_links_target", "platform", "target", "relation"),
        {"sqlite_with_rowid": False},
    )

    platform: str = Field(primary_key=True, max_length=100)
    source: str = Field(primary_key=True, max_length=250)
    relation: str = Field(primary_key=True, max_length=20)
    target: str = Field(primary_key=True, max_length=250)
    position: int


class ResourceCopyKey(SQLModel, table=True):
    """A key that copies of one work share, such as the checksum of its file; rows with equal keys are copies."""

    __tablename__ = "resource_copy_keys"
    __table_args__ = (Index("ix_resource_copy_keys_key", "key"), {"sqlite_with_rowid": False})

    platform: str = Field(primary_key=True, max_length=100)
    native_id: str = Field(primary_key=True, max_length=250)
    key: str = Field(primary_key=True, max_length=80)
