"""Filters as queries that decide and never score."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from tantivy import FieldType, Occur, Query, Schema

from gateway.catalog.query import ResourceFilter
from gateway.catalog.ranks import seconds
from gateway.clock import CHINA
from schema.access import Access

_FEW = 8
"""Up to so many values are looked up one by one, which leaves long posting lists unread; more as a set."""


class Filters:
    """The conditions of one request by the dimension they belong to; visibility always holds."""

    def __init__(self, schema: Schema, wanted: ResourceFilter, visible: frozenset[Access]) -> None:
        self._schema = schema
        self._visible = self._visibility(visible)
        self._by_field = {
            field: self._any_of(field, values) for field, values in _values(wanted).items() if values is not None
        }
        if wanted.reviewed is not None:
            self._by_field["reviewed"] = self._any_of("reviewed", ("1" if wanted.reviewed else "0",))
        self._by_field.update(self._ranges(wanted))

    def limits(self, field: str) -> bool:
        """Whether the request filters by this field."""
        return field in self._by_field

    def applied_to(self, matched: Query, without: str | None = None) -> Query:
        """A query under every condition but that of one field; its scores stay what they were."""
        conditions = [query for field, query in self._by_field.items() if field != without]
        return Query.boolean_query(
            [(Occur.Must, matched)]
            + [(Occur.Must, Query.const_score_query(query, 0.0)) for query in (self._visible, *conditions)]
        )

    def _visibility(self, visible: frozenset[Access]) -> Query:
        order = tuple(Access)
        widest = max((order.index(tier) for tier in visible), default=-1)
        if widest + 1 == len(visible) and visible:
            # every record carries all tiers that include it, so one term does for PUBLIC up to any tier
            return Query.term_query(self._schema, "within", order[widest], "basic")
        return self._any_of("access", tuple(visible))

    def _any_of(self, field: str, values: Sequence[str]) -> Query:
        if not values:
            return Query.empty_query()
        if len(values) > _FEW:
            return Query.term_set_query(self._schema, field, list(values))
        terms = [Query.term_query(self._schema, field, str(value), "basic") for value in values]
        return terms[0] if len(terms) == 1 else Query.boolean_query([(Occur.Should, term) for term in terms])

    def _ranges(self, wanted: ResourceFilter) -> Iterable[tuple[str, Query]]:
        days = wanted.published_from, wanted.published_to
        if any(days):
            yield "published", self._range("published", day_begins(days[0]), day_ends(days[1]))
        if wanted.starts_from or wanted.starts_to:
            yield "begins", self._range("begins", wanted.starts_from, wanted.starts_to)

    def _range(self, field: str, lower: datetime | None, upper: datetime | None) -> Query:
        return Query.range_query(
            self._schema,
            field,
            FieldType.Unsigned,
            lower_bound=seconds(lower) if lower else 1,
            upper_bound=seconds(upper) if upper else None,
        )


def _values(wanted: ResourceFilter) -> dict[str, tuple[str, ...] | None]:
    return {
        "platform": wanted.platforms,
        "region": wanted.regions,
        "stage": wanted.stages,
        "grade": wanted.grades,
        "subject": wanted.subjects,
        "kind": wanted.kinds,
        "mode": wanted.teaching_modes,
        "classroom": wanted.classroom_kinds,
        "access": wanted.access,
        "language": wanted.languages,
        "license": wanted.licenses,
        "program": wanted.programs,
        "edition": wanted.editions,
        "delivery": wanted.delivery,
        "provider": wanted.providers,
        "contributor": wanted.contributors,
    }


def day_begins(day: date | None) -> datetime | None:
    """First moment of a day of the public contract."""
    return datetime.combine(day, time.min, CHINA) if day else None


def day_ends(day: date | None) -> datetime | None:
    """Last second of a day of the public contract."""
    return datetime.combine(day, time.max, CHINA).replace(microsecond=0) if day else None
