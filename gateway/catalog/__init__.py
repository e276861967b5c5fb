"""The catalog: search over everything that was harvested, from an index derived from the database."""

from gateway.catalog.ports import PlatformNames
from gateway.catalog.query import FacetDimension, ResourceFilter, ResourceSort, SearchRequest
from gateway.catalog.results import (
    Facet,
    FacetBucket,
    Highlight,
    Hit,
    RelatedHit,
    RelatedPage,
    ResourceKey,
    SearchPage,
    Suggestion,
    SuggestionKind,
)
from gateway.catalog.service import CatalogService, open_catalog

__all__ = [
    "CatalogService",
    "Facet",
    "FacetBucket",
    "FacetDimension",
    "Highlight",
    "Hit",
    "PlatformNames",
    "RelatedHit",
    "RelatedPage",
    "ResourceFilter",
    "ResourceKey",
    "ResourceSort",
    "SearchPage",
    "SearchRequest",
    "Suggestion",
    "SuggestionKind",
    "open_catalog",
]
