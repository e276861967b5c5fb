"""Values that belong to a resource: translations, files, rules, review, awards and provenance."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

import strawberry

from gateway.graph.resources.people import Organization
from gateway.graph.rows import as_shown
from schema import resources as rows
from schema.access import Access
from schema.people import OrganizationKind
from schema.quality import EvaluatorKind, Level, RecognitionState, ReviewStatus
from schema.vocabularies import VocabularyScheme, vocabulary

MAX_BYTES = 1e300
"""Near the largest float; a larger size is nonsense and shown as unknown."""


@strawberry.type
class Translation:
    """Title and summary in another language."""

    language: str
    title: str | None
    summary: str | None
    machine: bool

    @classmethod
    def of(cls, row: rows.Translation) -> "Translation":
        """The translation of a record."""
        return as_shown(cls, row)


@strawberry.type
class ResourceFile:
    """A file of the resource."""

    url: str | None
    media_type: str | None
    size_bytes: float | None
    checksum: str | None
    requires_login: bool | None

    @classmethod
    def of(cls, row: rows.ResourceFile) -> "ResourceFile":
        """The file of a record."""
        return cls(
            url=row.url,
            media_type=row.media_type,
            size_bytes=None if row.size_bytes is None or row.size_bytes > MAX_BYTES else float(row.size_bytes),
            checksum=row.checksum,
            requires_login=row.requires_login,
        )


@strawberry.type
class License:
    """The terms of use."""

    code: str
    name: str
    url: str | None

    @classmethod
    def of(cls, code: str) -> "License":
        """The license with this code; one the vocabulary lacks is named by its code."""
        term = vocabulary(VocabularyScheme.LICENSE).get(code)
        return cls(code=code, name=term.label if term else code, url=term.url if term else None)


@strawberry.type(description="Who may copy and adapt it, and until when; who may see it is `Resource.access`.")
class SharingRule:
    """Who may copy and adapt it."""

    copy: Access | None
    adapt: Access | None
    valid_to: date | None

    @classmethod
    def of(cls, row: rows.SharingRule) -> "SharingRule":
        """The sharing rule of a record."""
        return cls(copy=row.copying, adapt=row.adapt, valid_to=row.valid_to)


@strawberry.type
class Review:
    """Where the resource stands in expert review."""

    status: ReviewStatus
    reviewed_by: str | None
    reviewer_kind: OrganizationKind | None
    standard: str | None
    reviewed_at: date | None

    @classmethod
    def of(cls, row: rows.Review) -> "Review":
        """The review of a record."""
        return as_shown(cls, row)


@strawberry.type(description="Third-party and own evaluations stay apart and are never averaged.")
class Evaluation:
    """One score by one evaluator on one dimension."""

    evaluator: EvaluatorKind
    by: str | None
    dimension: str
    score: Decimal | None
    scale: str | None
    evaluated_on: date | None

    @classmethod
    def of(cls, row: rows.Evaluation) -> "Evaluation":
        """The evaluation of a record."""
        return as_shown(cls, row)


@strawberry.type
class Award:
    """A selection label or prize."""

    name: str
    level: Level | None
    awarded_by: str | None
    awarded_at: date | None

    @classmethod
    def of(cls, row: rows.Award) -> "Award":
        """The award of a record."""
        return as_shown(cls, row)


@strawberry.type
class Recognition:
    """Another organization's recognition of this resource."""

    organization: Organization
    state: RecognitionState
    scope: str | None
    valid_from: date | None
    valid_to: date | None

    @classmethod
    def of(cls, row: rows.Recognition) -> "Recognition":
        """The recognition of a record."""
        return cls(
            organization=Organization.of(row.organization),
            state=row.state,
            scope=row.scope,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )


@strawberry.type
class DescribedProvenance:
    """Where a stored record came from: every field that needs no node."""

    platform: strawberry.Private[str]
    manifest_version: int | None
    fetched_at: datetime
    modified_upstream_at: datetime | None
    digest: str = strawberry.field(description="SHA-256 of the upstream record.")
    unmapped: list[str] = strawberry.field(description="Values the platform sent that its manifest could not map.")

    @classmethod
    def of(cls, stored: rows.CatalogResource) -> Self:
        """The provenance of a stored record."""
        row = stored.provenance
        return cls(
            platform=stored.platform,
            manifest_version=row.manifest_version,
            fetched_at=row.fetched_at,
            modified_upstream_at=row.modified_upstream_at,
            digest=row.digest,
            unmapped=list(row.unmapped),
        )
