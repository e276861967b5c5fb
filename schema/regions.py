"""Administrative divisions by GB/T 2260 code, as a tree without pseudo-cities.

The table follows the 2023 list of the National Bureau of Statistics. Its 4-digit groups that are no cities (5001 市辖区 and
5002 县 of 重庆, 省直辖县级行政区划 of 湖北 and others) are left out: their districts hang directly below the province, so that
渝中 and 巫溪 are siblings. Region 100000 stands for the whole nation.
"""

import csv
import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schema.errors import UnknownRegion

NATION = "100000"


class RegionLevel(StrEnum):
    """Level of an administrative division."""

    NATION = "NATION"
    PROVINCE = "PROVINCE"
    CITY = "CITY"
    DISTRICT = "DISTRICT"


@dataclass(frozen=True, slots=True)
class Region:
    """One administrative division; `parent` is a code, None for the nation."""

    code: str
    name: str
    level: RegionLevel
    parent: str | None


@dataclass(frozen=True, slots=True)
class RegionTree:
    """Every region by code, and the codes directly below each."""

    regions: Mapping[str, Region]
    below: Mapping[str, tuple[str, ...]]

    def get(self, code: str) -> Region | None:
        """The region with this code, or None."""
        return self.regions.get(code)

    def require(self, code: str) -> Region:
        """The region with this code; `UnknownRegion` says what a code looks like when there is none."""
        region = self.regions.get(code)
        if region is None:
            raise UnknownRegion(f"{code!r} is not a six-digit GB/T 2260 region code such as '500103'")
        return region

    def path(self, code: str) -> tuple[str, ...]:
        """Codes from the nation down to and including this region."""
        region = self.require(code)
        above = self.path(region.parent) if region.parent else ()
        return (*above, code)

    def children(self, code: str) -> tuple[Region, ...]:
        """Regions directly below this one, by code."""
        return tuple(self.regions[child] for child in self.below.get(code, ()))

    def is_within(self, code: str, ancestor: str) -> bool:
        """Whether a region is the ancestor or lies inside it."""
        return ancestor in self.path(code)


@functools.cache
def region_tree() -> RegionTree:
    """Load the tree from `schema/data/regions.csv`; cached, about ten milliseconds the first time."""
    table = importlib.resources.files("schema").joinpath("data", "regions.csv").read_text("utf-8")
    regions = {
        row["code"]: Region(row["code"], row["name"], RegionLevel(row["level"]), row["parent"] or None)
        for row in csv.DictReader(table.splitlines())
    }
    below: dict[str, list[str]] = {}
    for region in regions.values():
        if region.parent:
            below.setdefault(region.parent, []).append(region.code)
    return RegionTree(regions, {code: tuple(sorted(codes)) for code, codes in below.items()})
