"""The catalog's filters applied to records at hand, with exactly the meaning that they have in the index."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from gateway.catalog.documents import region_path, with_broader
from gateway.catalog.filters import day_begins, day_ends
from gateway.catalog.query import ResourceFilter
from gateway.catalog.ranks import seconds
from schema.quality import ReviewStatus
from schema.resources import CatalogResource
from schema.vocabularies import VocabularyScheme

Held = Callable[[CatalogResource], Collection[str]]
"""The values that a record has for one condition."""
_Span = tuple[float, float]


class PlatformRegions(Protocol):
    """Where platforms are."""

    def region(self, code: str) -> str | None:
        """GB/T 2260 code of the platform's region, which its records have unless they state their own."""
        ...


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _narrowest_and_broader(scheme: VocabularyScheme, codes: Iterable[str]) -> set[str]:
    return {broader for code in codes for broader in with_broader(scheme, code)}


HELD: Mapping[str, Held] = {
    "platforms": lambda one: (one.platform,),
    "stages": lambda one: one.record.stages,
    "grades": lambda one: [term.code for term in one.record.grades],
    "subjects": lambda one: _narrowest_and_broader(
        VocabularyScheme.SUBJECT, [term.code for term in one.record.subjects]
    ),
    "kinds": lambda one: (one.record.kind,),
    "teaching_modes": lambda one: one.record.teaching_modes,
    "classroom_kinds": lambda one: _one(one.record.classroom_kind),
    "access": lambda one: (one.record.access,),
    "languages": lambda one: _one(one.record.language),
    "licenses": lambda one: _one(one.record.license),
    "programs": lambda one: _one(one.record.program),
    "editions": lambda one: (
        with_broader(VocabularyScheme.EDITION, one.record.edition.code) if one.record.edition else ()
    ),
    "delivery": lambda one: one.record.delivery,
    "providers": lambda one: _one(one.record.provider.name if one.record.provider else None),
    "contributors": lambda one: [person.name for person in one.record.contributors if person.name],
}
"""Values by condition; those of `regions` depend on the platform, see `regions_of`."""


def regions_of(platforms: PlatformRegions) -> Held:
    """Every region around a record, its own or else its platform's."""
    return lambda one: region_path(one.record.region or platforms.region(one.platform))


class Conditions:
    """A filter that is put to many records. `anything` says that every record passes."""

    def __init__(self, wanted: ResourceFilter, platforms: PlatformRegions) -> None:
        self._listed = [
            (held, frozenset(map(str, values)))
            for name, held in (*HELD.items(), ("regions", regions_of(platforms)))
            if (values := getattr(wanted, name)) is not None
        ]
        self._reviewed = wanted.reviewed
        self._published = _span(day_begins(wanted.published_from), day_ends(wanted.published_to))
        self._begins = _span(wanted.starts_from, wanted.starts_to)
        self._bounded = not (wanted.reviewed is None and self._published is None and self._begins is None)
        self.anything = not (self._listed or self._bounded)

    def match(self, resource: CatalogResource) -> bool:
        """Whether all conditions hold."""
        for held, values in self._listed:
            if values.isdisjoint(held(resource)):
                return False
        return not self._bounded or self._within(resource)

    def _within(self, resource: CatalogResource) -> bool:
        record = resource.record
        if self._reviewed is not None:
            approved = record.review is not None and record.review.status == ReviewStatus.APPROVED
            if approved is not self._reviewed:
                return False
        return _lies(record.published_at, self._published) and _lies(record.starts_at, self._begins)


def matches(wanted: ResourceFilter, resource: CatalogResource, platforms: PlatformRegions) -> bool:
    """Whether one record passes a filter; `Conditions` for many."""
    return Conditions(wanted, platforms).match(resource)


def _span(lower: datetime | None, upper: datetime | None) -> _Span | None:
    if lower is None and upper is None:
        return None
    return (seconds(lower) if lower else 1, seconds(upper) if upper else float("inf"))


def _lies(moment: datetime | None, span: _Span | None) -> bool:
    return span is None or (moment is not None and span[0] <= seconds(moment) <= span[1])
