"""The 44 teaching alliances of 四川云教 (1+N): who receives from which anchor school, and from when to when."""

import base64
import functools
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.simulators.catalog import Native
from connectors.simulators.draw import Draw
from connectors.simulators.people import School
from connectors.simulators.sichuan.schools import STAGE_MODES, anchors, receiving

FOUNDED = date(2020, 2, 17)
JOINED_WITHIN = 1_000
LEAVING = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Membership:
    """A receiving school in an alliance, both by number; `end` is the last day, None while it lasts."""

    school: int
    alliance: int
    start: date
    end: date | None
    modes: tuple[str, ...]


def global_id(kind: str, number: object) -> str:
    """An opaque id as Relay servers write it: `Lesson:12` in Base64."""
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


@functools.cache
def memberships(seed: int) -> tuple[Membership, ...]:
    """Every membership; one school in five changed its anchor, one in eight has a second one beside it."""
    return tuple(membership for number in range(len(receiving())) for membership in _of_school(seed, number))


def _of_school(seed: int, number: int) -> list[Membership]:
    stage, _ = receiving()[number]
    draw = Draw(seed, "sichuan", "membership", number)
    first, second, third = _choices(draw, stage)
    start = FOUNDED + timedelta(days=draw.below(JOINED_WITHIN))
    end = LEAVING + timedelta(days=draw.below(500)) if draw.chance(1, 60) else None
    own = STAGE_MODES[stage]
    further = draw.pick([mode for mode in STAGE_MODES.values() if mode != own])
    modes = (own, further) if draw.chance(1, 4) else (own,)
    held = [Membership(number, first, start, end, modes)]
    if draw.chance(1, 5):
        change = start + timedelta(days=draw.between(200, 400))
        held = [
            Membership(number, first, start, change, modes),
            Membership(number, second, change + timedelta(days=1), end, modes),
        ]
    if draw.chance(1, 8):
        held.append(Membership(number, third, start + timedelta(days=draw.between(100, 400)), end, modes))
    return held


def _choices(draw: Draw, stage: str) -> tuple[int, int, int]:
    """Three different alliances of a stage."""
    left = [number for number, (its, _) in enumerate(anchors()) if its == stage]
    first, second, third = (left.pop(draw.below(len(left))) for _ in range(3))
    return first, second, third


@functools.cache
def _spans(seed: int, stage: str | None) -> tuple[list[date], list[date]]:
    """First days and last days of the receiving schools, each in order."""
    starts: dict[int, date] = {}
    ends: dict[int, date] = {}
    for held in memberships(seed):
        if stage in (None, receiving()[held.school][0]):
            starts[held.school] = min(starts.get(held.school, held.start), held.start)
            ends[held.school] = max(ends.get(held.school, date.min), held.end or date.max)
    return sorted(starts.values()), sorted(ends.values())


def receiving_on(seed: int, day: date, stage: str | None = None) -> int:
    """How many schools receive on a day: a stock, each school counted once whatever its alliances."""
    starts, ends = _spans(seed, stage)
    return bisect_right(starts, day) - bisect_right(ends, day - timedelta(days=1))


def school(found: School, number: int, kind: str) -> Native:
    """A school as the platform shows it, an `AnchorSchool` or a `ReceivingSchool`."""
    return {
        "id": global_id(kind, number + 1),
        "name": found.name,
        "region": {"code": found.region, "name": found.district},
    }


def reference(number: int) -> Native:
    """Id and name of an alliance."""
    return {"id": global_id("Alliance", number + 1), "name": f"{anchors()[number][1].name}教学联盟"}


@functools.cache
def alliance_numbers() -> Mapping[str, int]:
    """The number of each alliance by its id."""
    return {reference(number)["id"]: number for number in range(len(anchors()))}


@functools.cache
def alliance(seed: int, number: int) -> Native:
    """One alliance with its anchor school and its receiving schools by date of entry; callers do not change it."""
    stage, anchor = anchors()[number]
    held = sorted((m for m in memberships(seed) if m.alliance == number), key=lambda m: (m.start, m.school))
    return {
        **reference(number),
        "stage": stage,
        "mode": STAGE_MODES[stage],
        "establishedOn": FOUNDED.isoformat(),
        "anchorSchool": school(anchor, number, "AnchorSchool"),
        "receivingSchools": [
            {
                "school": school(receiving()[m.school][1], m.school, "ReceivingSchool"),
                "modes": list(m.modes),
                "validFrom": m.start.isoformat(),
                "validTo": m.end.isoformat() if m.end else None,
            }
            for m in held
        ],
    }
