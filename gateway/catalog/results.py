"""What the catalog answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.catalog.query import FacetDimension
from schema.relations import Relation
from schema.resources import CatalogResource


@dataclass(frozen=True, slots=True, order=True)
class ResourceKey:
    """What names a resource: its platform and the platform's own id."""

    platform: str
    native_id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One result; `score` is None unless the result is ranked by relevance."""

    cursor: str
    resource: CatalogResource
    score: float | None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page with the exact total and the hits in the whole result that each platform contributed to this page."""

    hits: tuple[Hit, ...]
    total: int
    has_next: bool
    has_previous: bool
    totals_by_platform: Mapping[str, int]
    """Matches per platform in the whole result; empty where they were not asked for."""
    did_you_mean: str | None = None


@dataclass(frozen=True, slots=True)
class Highlight:
    """HTML-escaped text of one field with `<em>` around what matched."""

    field: str
    fragment: str


@dataclass(frozen=True, slots=True)
class FacetBucket:
    """One value of a dimension, its label for people and how many results have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """Buckets of one dimension, most frequent first."""

    dimension: FacetDimension
    buckets: tuple[FacetBucket, ...]


class SuggestionKind(StrEnum):
    """What a completion completes."""

    TITLE = "TITLE"
    CONTRIBUTOR = "CONTRIBUTOR"
    PROVIDER = "PROVIDER"
    SUBJECT = "SUBJECT"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion and the number of visible resources behind it."""

    text: str
    kind: SuggestionKind
    count: int


@dataclass(frozen=True, slots=True)
class RelatedHit:
    """A resource that another one links to, and how."""

    cursor: str
    relation: Relation
    resource: CatalogResource


@dataclass(frozen=True, slots=True)
class RelatedPage:
    """One page of links in the order of the course or package."""

    hits: tuple[RelatedHit, ...]
    total: int
    has_next: bool
    has_previous: bool
