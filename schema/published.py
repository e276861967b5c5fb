"""Figures that platforms publish about themselves: claims with their source, their words and their bounds.

They are never measured and never mix with what connectors report.
"""

import functools
import importlib.resources
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BeforeValidator, TypeAdapter, model_validator

from schema.bounds import intersection
from schema.measures import measures
from schema.periods import Period
from schema.programs import programs
from schema.quantities import Qualifier, Quantity
from schema.records import Record
from schema.regions import region_tree
from schema.usage import MeasureCode
from schema.values import Code, PlatformCode, RegionCode, Text, Url

AsOf = Annotated[Period, BeforeValidator(Period.read)]


class PublishedFigure(Record):
    """One claim. It belongs to a platform, to a joint program of several, or to a region; to one of them only.

    `written` is the number as the quote has it, `repeated` quotes other places of the same text that tell the same
    fact, and `scope` is what the number is limited to, as far as the text says.
    """

    id: Code
    platform: PlatformCode | None = None
    program: Code | None = None
    region: RegionCode | None = None
    measure: MeasureCode
    value: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    qualifier: Qualifier
    written: Text | None = None
    scope: Text | None = None
    as_of: AsOf | None = None
    source: Text
    source_url: Url | None = None
    quote: Text | None = None
    repeated: tuple[Text, ...] = ()
    note: Text | None = None

    @model_validator(mode="after")
    def _one_owner(self) -> Self:
        owners = [owner for owner in (self.platform, self.program, self.region) if owner is not None]
        if len(owners) != 1 or (self.program is not None and self.program not in programs()):
            raise ValueError("a figure belongs to one platform, one known program or one region")
        return self

    @property
    def quantity(self) -> Quantity:
        """The number with its bounds, in the unit of its measure."""
        unit = measures()[self.measure].unit
        return Quantity(self.value, self.lower, self.upper, self.qualifier, unit, surface=self.written)


@dataclass(frozen=True, slots=True)
class FigureFilter:
    """Conditions that must all hold; None asks nothing."""

    platforms: Collection[str] | None = None
    regions: Collection[str] | None = None
    programs: Collection[str] | None = None
    measures: Collection[str] | None = None


@functools.cache
def published_figures() -> Mapping[str, PublishedFigure]:
    """Every figure by id, in the order of `schema/data/published_figures.json`."""
    table = importlib.resources.files("schema").joinpath("data", "published_figures.json").read_bytes()
    known = TypeAdapter(tuple[PublishedFigure, ...]).validate_json(table)
    return MappingProxyType({figure.id: figure for figure in known})


def select_figures(wanted: FigureFilter, region_of: Callable[[str], str | None]) -> tuple[PublishedFigure, ...]:
    """The figures of these conditions, each once; `region_of` gives the region of a platform.

    A figure of a joint program is found by each of its platforms and regions. A region includes everything inside it.
    """
    return tuple(figure for figure in published_figures().values() if _is_wanted(figure, wanted, region_of))


def conflicting(figure: PublishedFigure) -> tuple[PublishedFigure, ...]:
    """Other figures of the same owner, measure and scope that cannot be true along with this one.

    Dates are no excuse: two claims of different days are linked too, and `as_of` says which is later. A scope that is
    not stated may be any.
    """
    return tuple(published_figures()[other] for other in _conflicts().get(figure.id, ()))


@functools.cache
def _conflicts() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one, other in combinations(published_figures().values(), 2):
        if _is_comparable(one, other) and intersection([one.quantity, other.quantity]) is None:
            found[one.id] = (*found.get(one.id, ()), other.id)
            found[other.id] = (*found.get(other.id, ()), one.id)
    return found


def _is_comparable(one: PublishedFigure, other: PublishedFigure) -> bool:
    return (
        one.measure == other.measure
        and (one.platform, one.program, one.region) == (other.platform, other.program, other.region)
        and (one.scope == other.scope or None in (one.scope, other.scope))
    )


def _is_wanted(figure: PublishedFigure, wanted: FigureFilter, region_of: Callable[[str], str | None]) -> bool:
    return (
        (wanted.platforms is None or not _platforms(figure).isdisjoint(wanted.platforms))
        and (wanted.programs is None or figure.program in wanted.programs)
        and (wanted.measures is None or figure.measure in wanted.measures)
        and (wanted.regions is None or not _places(figure, region_of).isdisjoint(wanted.regions))
    )


def _platforms(figure: PublishedFigure) -> set[str]:
    if figure.program is not None:
        return set(programs()[figure.program].platforms)
    return {figure.platform} if figure.platform is not None else set()


def _places(figure: PublishedFigure, region_of: Callable[[str], str | None]) -> set[str]:
    """Codes of the figure's regions and of everything they lie in."""
    if figure.program is not None:
        places = programs()[figure.program].regions
    else:
        place = figure.region if figure.platform is None else region_of(figure.platform)
        places = (place,) if place is not None else ()
    return {around for place in places for around in region_tree().path(place)}
