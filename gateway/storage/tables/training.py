"""Tables of training: teachers and their accounts on platforms, records with every version, and certificates.

Ids are random; what names a person stands in columns that an erasure empties.
"""

import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from gateway.storage.tables.columns import Exact, Instant


class TeacherRow(SQLModel, table=True):
    """A person, as far as we know: one account, or several that were linked. One without accounts was merged away."""

    __tablename__ = "teachers"

    id: str = Field(primary_key=True, max_length=32)
    created_at: datetime.datetime = Field(sa_type=Instant)
    erased_at: datetime.datetime | None = Field(default=None, sa_type=Instant)


class TeacherAccountRow(SQLModel, table=True):
    """A teacher as one platform knows them. `teacher_id` is the person now, `origin_id` the one it began as."""

    __tablename__ = "teacher_accounts"
    __table_args__ = (UniqueConstraint("platform", "native_key"),)

    id: str = Field(primary_key=True, max_length=32)
    platform: str = Field(max_length=100)
    native_key: str = Field(max_length=64)
    """Keyed hash of platform and native id: after an erasure a harvest still knows whom not to bring back."""
    native_id: str | None = Field(default=None, max_length=250)
    teacher_id: str = Field(max_length=32, index=True)
    origin_id: str = Field(max_length=32)
    region: str | None = Field(default=None, max_length=6, index=True)
    """The school's, else the platform's."""
    name: str | None = Field(default=None, max_length=1_000)
    school: str | None = None
    """JSON of the organization."""
    tier: str | None = Field(default=None, max_length=100)
    pseudonym: str | None = Field(default=None, max_length=64, index=True)
    """Keyed hash of a national id, which itself is never stored."""
    updated_at: datetime.datetime = Field(sa_type=Instant)
    erased_at: datetime.datetime | None = Field(default=None, sa_type=Instant)


class TeacherLinkRow(SQLModel, table=True):
    """That an account belongs to a person, on what evidence, and whether that was undone."""

    __tablename__ = "teacher_links"

    id: str = Field(primary_key=True, max_length=32)
    account_id: str = Field(max_length=32, index=True)
    from_teacher: str = Field(max_length=32)
    to_teacher: str = Field(max_length=32)
    evidence: str = Field(max_length=30)
    """PSEUDONYM or OFFICER."""
    note: str | None = None
    linked_by: str = Field(max_length=200)
    linked_at: datetime.datetime = Field(sa_type=Instant)
    undone_by: str | None = Field(default=None, max_length=200)
    undone_at: datetime.datetime | None = Field(default=None, sa_type=Instant)
    undone_reason: str | None = None


class TrainingRecordRow(SQLModel, table=True):
    """One teacher's part in one activity, as it stands now; what it said before is in its versions.

    `platform` is empty for a record entered by hand, whose `native_id` is its own id.
    """

    __tablename__ = "training_records"
    __table_args__ = (
        UniqueConstraint("platform", "native_id"),
        Index("ix_training_records_starts", "starts_on", "id"),
        Index("ix_training_records_resource", "resource_platform", "resource_native_id"),
    )

    id: str = Field(primary_key=True, max_length=32)
    platform: str = Field(max_length=100)
    native_id: str = Field(max_length=250)
    """After an erasure the keyed hash of it."""
    account_id: str = Field(max_length=32, index=True)
    region: str | None = Field(default=None, max_length=6, index=True)
    """To whose officers it belongs: the teacher's region when it came."""
    title: str | None = Field(default=None, max_length=1_000)
    activity_key: str = Field(max_length=64)
    """Keyed hash of the folded title: equal for reports of one activity, and no title after an erasure."""
    activity_id: str | None = Field(default=None, max_length=250)
    kind: str = Field(max_length=30)
    level: str | None = Field(default=None, max_length=20)
    form: str | None = Field(default=None, max_length=20)
    role: str = Field(max_length=20)
    starts_on: datetime.date
    ends_on: datetime.date | None = None
    quantity: Decimal = Field(sa_type=Exact)
    unit: str = Field(max_length=10)
    outcome: str | None = Field(default=None, max_length=20)
    issuer: str | None = None
    """JSON of the organization."""
    program: str | None = Field(default=None, max_length=100)
    resource_platform: str | None = Field(default=None, max_length=100)
    resource_native_id: str | None = Field(default=None, max_length=250)
    evidence: str = "[]"
    """JSON list of `{"name", "url"}`."""
    state: str = Field(max_length=20)
    """What holds now."""
    reported_state: str = Field(max_length=20)
    """What the platform said last."""
    decided: bool = False
    """Whether `state` is a decision made here, which stands until the platform changes the content."""
    version: int
    """Ours: grows with every change of content or state."""
    reported_version: int = Field(default=0, sa_type=BigInteger)
    digest: str = Field(max_length=64)
    """Hash of the content as the platform tells it, or keyed hash of what was entered."""
    run_id: str = Field(default="", max_length=32)
    """The last run that listed it."""
    manifest_version: int = 0
    unmapped: str = "[]"
    fetched_at: datetime.datetime = Field(sa_type=Instant)
    modified_upstream_at: datetime.datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime.datetime = Field(sa_type=Instant)
    updated_at: datetime.datetime = Field(sa_type=Instant)
    withdrawn_at: datetime.datetime | None = Field(default=None, sa_type=Instant)
    """When the platform was seen to list it no more."""
    erased_at: datetime.datetime | None = Field(default=None, sa_type=Instant)


class TrainingVersionRow(SQLModel, table=True):
    """One event in the life of a record, with its content from then on."""

    __tablename__ = "training_versions"

    record_id: str = Field(primary_key=True, max_length=32)
    version: int = Field(primary_key=True)
    at: datetime.datetime = Field(sa_type=Instant)
    by: str | None = Field(default=None, max_length=200)
    """Name of the principal, or `platform:<code>`."""
    state: str = Field(max_length=20)
    note: str | None = None
    content: str | None = None
    """JSON of the record's content; None after an erasure."""


class TrainingRequestRow(SQLModel, table=True):
    """An idempotency key that was used, by whom, for what and with which outcome."""

    __tablename__ = "training_requests"

    client: str = Field(primary_key=True, max_length=200)
    key: str = Field(primary_key=True, max_length=200)
    digest: str = Field(max_length=64)
    """Keyed hash of the body."""
    record_id: str = Field(max_length=32)
    at: datetime.datetime = Field(sa_type=Instant)


class CertificateRow(SQLModel, table=True):
    """A certificate as it was issued; an erasure empties `credential`."""

    __tablename__ = "certificates"

    id: str = Field(primary_key=True, max_length=32)
    record_id: str = Field(max_length=32, index=True)
    record_version: int
    key_id: str = Field(max_length=64)
    credential: str | None = None
    issued_at: datetime.datetime = Field(sa_type=Instant)
    issued_by: str = Field(max_length=200)
    revoked_at: datetime.datetime | None = Field(default=None, sa_type=Instant)
    revoked_by: str | None = Field(default=None, max_length=200)
    revoked_reason: str | None = None
