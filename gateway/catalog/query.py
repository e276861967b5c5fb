"""What can be asked of the catalog."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from gateway.identity import PUBLIC_TIERS
from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.stages import Stage


class ResourceSort(StrEnum):
    """Orders of a result; all but RELEVANCE survive index generations."""

    RELEVANCE = "RELEVANCE"
    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    STARTS_AT = "STARTS_AT"
    MOST_USED = "MOST_USED"
    TITLE = "TITLE"


class FacetDimension(StrEnum):
    """Dimensions a result can be counted by."""

    PLATFORM = "PLATFORM"
    REGION = "REGION"
    STAGE = "STAGE"
    GRADE = "GRADE"
    SUBJECT = "SUBJECT"
    KIND = "KIND"
    TEACHING_MODE = "TEACHING_MODE"
    CLASSROOM_KIND = "CLASSROOM_KIND"
    LANGUAGE = "LANGUAGE"
    LICENSE = "LICENSE"
    ACCESS = "ACCESS"
    YEAR = "YEAR"
    PROGRAM = "PROGRAM"


@dataclass(frozen=True, slots=True)
class ResourceFilter:
    """Conditions that all must hold; within one condition any value will do. None asks nothing, () matches nothing.

    A region includes everything inside it. Days are those of Asia/Shanghai, both ends included.
    """

    platforms: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None
    stages: tuple[Stage, ...] | None = None
    grades: tuple[str, ...] | None = None
    subjects: tuple[str, ...] | None = None
    kinds: tuple[ResourceKind, ...] | None = None
    teaching_modes: tuple[TeachingMode, ...] | None = None
    classroom_kinds: tuple[ClassroomKind, ...] | None = None
    access: tuple[Access, ...] | None = None
    languages: tuple[str, ...] | None = None
    licenses: tuple[str, ...] | None = None
    programs: tuple[str, ...] | None = None
    editions: tuple[str, ...] | None = None
    delivery: tuple[DeliveryChannel, ...] | None = None
    providers: tuple[str, ...] | None = None
    contributors: tuple[str, ...] | None = None
    reviewed: bool | None = None
    published_from: date | None = None
    published_to: date | None = None
    starts_from: datetime | None = None
    starts_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One page of one search. `visible` are the tiers the principal may see and is no wish of the client."""

    query: str = ""
    filter: ResourceFilter = field(default_factory=ResourceFilter)
    sort: ResourceSort = ResourceSort.RELEVANCE
    first: int = 20
    after: str | None = None
    visible: frozenset[Access] = PUBLIC_TIERS
