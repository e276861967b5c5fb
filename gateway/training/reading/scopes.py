"""Where a principal may look, as conditions of SQL: regions by what is shown of them, and one's own.

What lies in a region of the reach is shown everything that this region and those around it show, so it is enough to ask
the reach about its own regions: they are the roots below which something may be seen.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, true

from gateway.personal import RECORD_FIELDS, TEACHER_FIELDS, Reach
from gateway.training.credit.rules import known_region
from gateway.training.reading.expressions import within
from schema.regions import NATION, region_tree

Root = str | None
"""Code of a region, or None for everywhere."""
OF_RECORDS = RECORD_FIELDS
OF_TEACHERS = TEACHER_FIELDS | {"TrainingRecord.teacher"}
REGION = "Teacher.region"


def roots(reach: Reach, *needed: Iterable[str]) -> tuple[Root, ...]:
    """Regions below which, of each of these sets of coordinates, at least one is shown."""
    groups = [frozenset(group) for group in needed]
    different = dict.fromkeys(one.region for one in reach.regions)
    return tuple(root for root in different if all(group & reach.of(root, None).fields for group in groups))


def seen(
    reach: Reach, found: Iterable[Root], region: ColumnElement[str], teacher: ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether a row lies below one of the roots, or belongs to the one who asks."""
    conditions = [within(region, root) for root in found]
    return or_(*conditions, teacher == reach.teacher) if reach.teacher is not None else or_(False, *conditions)


def asked(
    reach: Reach,
    found: Iterable[Root],
    regions: tuple[str, ...],
    region: ColumnElement[str],
    teacher: ColumnElement[str],
) -> ColumnElement[bool]:
    """As `seen`, but only what lies in the regions asked for.

    Where the region of a teacher is withheld nothing narrower than the whole root can be asked for: who finds a record
    by its district knows the district. Raises InvalidInput for a code of no region.
    """
    wanted = [known_region(code)[-1] for code in regions]
    conditions: list[ColumnElement[bool]] = []
    for root in found:
        for code in wanted:
            if root is not None and is_inside(root, code):
                conditions.append(within(region, root))
            elif is_inside(code, root) and REGION in reach.of(root, None).fields:
                conditions.append(within(region, code))
    if reach.teacher is not None:
        conditions.extend((teacher == reach.teacher) & within(region, code) for code in wanted)
    return or_(False, *conditions)


def deciders(reach: Reach, region: str | None, teacher: str | None) -> frozenset[str] | None:
    """Regions of which it is shown what they decided about a record of this region and teacher.

    None shows all: one's own records, and those of one's own region. By an agreement only its receiver's are shown.
    """
    covering = [one.receiver for one in reach.regions if one.covers(region)]
    receivers = frozenset(one for one in covering if one is not None)
    is_own = teacher is not None and teacher == reach.teacher
    return None if is_own or not covering or None in covering else receivers


def decision_seen(
    reach: Reach, region: ColumnElement[str], teacher: ColumnElement[str], decider: ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether `deciders` of the record of a row has a region, for records that are seen."""
    conditions = [within(region, one.region) & _is(decider, one.receiver) for one in reach.regions]
    return or_(False, *conditions, *([] if reach.teacher is None else [teacher == reach.teacher]))


def _is(decider: ColumnElement[str], receiver: str | None) -> ColumnElement[bool]:
    return true() if receiver is None else decider == receiver


def is_inside(region: str | None, root: Root) -> bool:
    """Whether a region is the root or lies inside it; everything lies inside everywhere."""
    if root is None:
        return True
    return region is not None and region_tree().get(region) is not None and region_tree().is_within(region, root)


def same_province(one: str | None, other: str | None) -> bool:
    """Whether a record of one region counts as the other's own: both in one province, or one of them nowhere or all."""
    if one is None or other is None or NATION in (one, other):
        return True
    return one[:2] == other[:2]
