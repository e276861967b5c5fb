"""Counts by dimension of records at hand, with the catalog's buckets, labels and order."""

from collections import Counter
from collections.abc import Collection, Sequence

from gateway.catalog.facets import most_frequent
from gateway.catalog.live.conditions import HELD, Held, regions_of
from gateway.catalog.ports import PlatformNames
from gateway.catalog.query import FacetDimension
from gateway.catalog.results import Facet
from gateway.clock import CHINA
from schema.resources import CatalogResource

_CONDITIONS = {
    FacetDimension.PLATFORM: "platforms",
    FacetDimension.STAGE: "stages",
    FacetDimension.GRADE: "grades",
    FacetDimension.SUBJECT: "subjects",
    FacetDimension.KIND: "kinds",
    FacetDimension.TEACHING_MODE: "teaching_modes",
    FacetDimension.CLASSROOM_KIND: "classroom_kinds",
    FacetDimension.LANGUAGE: "languages",
    FacetDimension.LICENSE: "licenses",
    FacetDimension.ACCESS: "access",
    FacetDimension.PROGRAM: "programs",
}


def count_read(
    resources: Collection[CatalogResource], dimensions: Sequence[FacetDimension], limit: int, platforms: PlatformNames
) -> tuple[Facet, ...]:
    """A facet per dimension, in that order; of several equal values a record counts once."""
    return tuple(_facet(resources, dimension, limit, platforms) for dimension in dimensions)


def _facet(
    resources: Collection[CatalogResource], dimension: FacetDimension, limit: int, platforms: PlatformNames
) -> Facet:
    held = _held(dimension, platforms)
    counts = Counter(value for resource in resources for value in {str(each) for each in held(resource)})
    return Facet(dimension, most_frequent(dimension, counts, limit, platforms))


def _held(dimension: FacetDimension, platforms: PlatformNames) -> Held:
    if dimension is FacetDimension.REGION:
        return regions_of(platforms)
    if dimension is FacetDimension.YEAR:
        return _years
    return HELD[_CONDITIONS[dimension]]


def _years(resource: CatalogResource) -> tuple[str, ...]:
    published = resource.record.published_at
    return (str(published.astimezone(CHINA).year),) if published else ()
