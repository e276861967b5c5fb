"""Who says what about where: owners of facts, their regions, and which of them lie inside others.

A source is an owner with a region: a platform, or the joint program that a fact belongs to whichever platform tells it.
Facts of a joint program are nobody's but the program's: they stand in no platform's row, and lie in the region that
holds all of the program's regions unless they name a smaller one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.statistics.ports import PlatformNames
from gateway.statistics.questions import UsageFilter
from schema.programs import Program
from schema.regions import NATION, RegionLevel, region_tree


@dataclass(frozen=True, slots=True)
class Origin:
    """What facts state: the platform that told them, the program they belong to and the region; empty is unstated."""

    platform: str
    program: str
    region: str


@dataclass(frozen=True, slots=True)
class Source:
    """An owner with a region; `explicit` says that the facts name the region, `joint` that the owner is a program."""

    owner: str
    joint: bool
    region: str
    explicit: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A region lifted to each level; empty where it lies above that level."""

    province: str
    city: str
    district: str


class SourceBook:
    """Sources of facts by what the facts state."""

    def __init__(self, platforms: PlatformNames, programs: Mapping[str, Program]) -> None:
        self._platforms = platforms
        self._programs = programs

    def source(self, origin: Origin) -> Source:
        """The source of facts of one origin."""
        stated = region_tree().current(origin.region) if origin.region else None
        if origin.program:
            home = self._home_of_program(origin.program)
        else:
            home = self._platforms.region(origin.platform) or NATION
        owner = origin.program or origin.platform
        return Source(owner, bool(origin.program), stated.code if stated else home, stated is not None)

    def admits(self, wanted: UsageFilter, origin: Origin) -> bool:
        """Whether facts of this origin are asked for; those of a joint program are reached from each of its sides."""
        source = self.source(origin)
        if wanted.programs is not None and origin.program not in wanted.programs:
            return False
        if wanted.platforms is not None and not set(self._tellers(origin)) & set(wanted.platforms):
            return False
        return wanted.regions is None or any(within(one, wanted.regions) for one in self._regions(source))

    def platforms_of(self, wanted: UsageFilter) -> list[Source]:
        """Platforms that a question is about, whether or not they report anything, by code."""
        if wanted.programs is not None:
            members = {code for one in wanted.programs for code in self._members(one)}
        else:
            members = set(self._platforms.codes())
        asked = sorted(
            code
            for code in members & set(self._platforms.codes())
            if (wanted.platforms is None or code in wanted.platforms)
            and (wanted.regions is None or within(self._platforms.region(code) or NATION, wanted.regions))
        )
        return [self.source(Origin(code, "", "")) for code in asked]

    def _tellers(self, origin: Origin) -> Iterable[str]:
        return (origin.platform, *self._members(origin.program)) if origin.program else (origin.platform,)

    def _members(self, program: str) -> Sequence[str]:
        return self._programs[program].platforms if program in self._programs else ()

    def _regions(self, source: Source) -> Sequence[str]:
        """Where a source is found: facts of a joint program without a region lie in each of the program's."""
        if source.joint and not source.explicit and source.owner in self._programs:
            return self._programs[source.owner].regions or (source.region,)
        return (source.region,)

    def _home_of_program(self, code: str) -> str:
        """The smallest region that holds all regions of a program."""
        program = self._programs.get(code)
        if program is None or not program.regions:
            return NATION
        paths = [region_tree().path(region) for region in program.regions]
        shared = [step[0] for step in zip(*paths, strict=False) if len(set(step)) == 1]
        return shared[-1] if shared else NATION


def within(region: str, wanted: Iterable[str]) -> bool:
    """Whether a region is one of the wanted ones or lies inside one."""
    return not set(region_tree().path(region)).isdisjoint(wanted)


def place(region: str) -> Place:
    """A region lifted to province, city and district."""
    tree = region_tree()
    levels = {known.level: code for code in tree.path(region) if (known := tree.get(code)) is not None}
    return Place(
        levels.get(RegionLevel.PROVINCE, ""), levels.get(RegionLevel.CITY, ""), levels.get(RegionLevel.DISTRICT, "")
    )


def nested_pairs(sources: Sequence[Source]) -> list[tuple[int, int]]:
    """Positions (inner, outer) of sources that may not be added, because the inner one lies inside the outer one.

    Between platforms that is so wherever one region lies strictly inside the other. What one owner reports of its
    regions is a total and a part of it only where it names both regions, or where a joint program speaks of all of its
    regions and of one of them.
    """
    at: dict[str, list[int]] = defaultdict(list)
    for position, source in enumerate(sources):
        at[source.region].append(position)
    return [
        (inner, outer)
        for inner, source in enumerate(sources)
        for ancestor in region_tree().path(source.region)[:-1]
        for outer in at.get(ancestor, ())
        if _contains(sources[outer], source)
    ]


def _contains(outer: Source, inner: Source) -> bool:
    if outer.joint or inner.joint:
        return outer.joint and inner.joint and outer.owner == inner.owner
    return outer.owner != inner.owner or (outer.explicit and inner.explicit)
