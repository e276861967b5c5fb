"""Administrative divisions by GB/T 2260 code, as a tree without pseudo-cities.

The table follows the 2023 list of the National Bureau of Statistics. Its 4-digit groups that are no cities (5001 市辖区
and 5002 县 of 重庆, 省直辖县级行政区划 of 湖北 and others) are left out: their districts hang directly below the
province, so that 渝中 and 巫溪 are siblings. Region 100000 stands for the whole nation. Codes that the table no longer
holds or never held (renamed counties, pseudo-cities) lead to their successors by `schema/data/retired_regions.csv`.
"""

import csv
import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schema.errors import UnknownRegion
from schema.region_names import spellings, tidy_name

NATION = "100000"
_NATION_NAMES = ("全国", "中国", "国家", "国家级")
_LONGEST_NAME = 60


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
    """Every region by code, the codes directly below each, codes by name and the successors of retired codes."""

    regions: Mapping[str, Region]
    below: Mapping[str, tuple[str, ...]]
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    retired: Mapping[str, str] = field(default_factory=dict)

    def get(self, code: str) -> Region | None:
        """The region with this code, or None."""
        return self.regions.get(code)

    def require(self, code: str) -> Region:
        """The region with this code; `UnknownRegion` says what a code looks like when there is none."""
        region = self.regions.get(code)
        if region is None:
            raise UnknownRegion(f"{code!r} is no known GB/T 2260 region code such as '500103'{self._hint(code)}")
        return region

    def current(self, code: str) -> Region | None:
        """The region with this code, or the one that took its place: 511028 隆昌县 is 511083 today."""
        return self.regions.get(self.retired.get(code, code))

    def find(self, name: str, within: str | None = None) -> Region | None:
        """The one region of this name, full or short, alone or after those above it (重庆市渝中区, 四川/内江/市中区).

        Of regions that lie in each other (阿坝州 and 阿坝县) it is the outermost. None when there is no such region or,
        as with 市中区, several; `within` narrows to what lies inside a region.
        """
        text = tidy_name(name)
        if not text or len(text) > _LONGEST_NAME:
            return None
        found = self._named(text, within)
        if found:
            return self._outermost(found)
        for cut in range(len(text) - 1, 1, -1):
            above = self._named(text[:cut], within)
            below = {b for a in above if (b := self.find(text[cut:], a.code)) and b != a}
            if below:
                return self._outermost(list(below))
        return None

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

    def _named(self, text: str, within: str | None) -> list[Region]:
        codes = [code for code in self.named.get(text, ()) if not within or self.is_within(code, within)]
        inside = [code for code in codes if code != within] or codes
        regions = [self.regions[code] for code in inside]
        return [region for region in regions if region.name == text] or regions

    def _outermost(self, regions: list[Region]) -> Region | None:
        around = [one for one in regions if all(self.is_within(other.code, one.code) for other in regions)]
        return around[0] if around else None

    def _hint(self, code: str) -> str:
        """What was meant by a retired code or by a name in place of a code."""
        meant = self.current(code) or self.find(code)
        return f"; did you mean {meant.code!r} ({meant.name})?" if meant else ""


@functools.cache
def region_tree() -> RegionTree:
    """Load the tree from `schema/data/regions.csv`; cached, about twenty milliseconds the first time."""
    regions = {
        row["code"]: Region(row["code"], row["name"], RegionLevel(row["level"]), row["parent"] or None)
        for row in _rows("regions.csv")
    }
    below: dict[str, list[str]] = {}
    named: dict[str, list[str]] = {name: [NATION] for name in _NATION_NAMES}
    for region in regions.values():
        if region.parent:
            below.setdefault(region.parent, []).append(region.code)
        for name in spellings(region.name):
            named.setdefault(name, []).append(region.code)
    return RegionTree(
        regions,
        {code: tuple(sorted(codes)) for code, codes in below.items()},
        {name: tuple(codes) for name, codes in named.items()},
        {row["code"]: row["successor"] for row in _rows("retired_regions.csv")},
    )


def _rows(table: str) -> list[dict[str, str]]:
    text = importlib.resources.files("schema").joinpath("data", table).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
