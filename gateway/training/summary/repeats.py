"""Reports of one activity by several platforms count as one record: which of them do not count."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection, String, Subquery, and_, func, or_, select

from gateway.training.credit.activities import Activity, activities
from gateway.training.credit.claims import Claim
from gateway.training.credit.loading import awarded, claims_by_id
from gateway.training.ports import ResourceStates
from gateway.training.reading.by_id import ACCOUNTS, RECORDS


def repeats(connection: Connection, resources: ResourceStates, rows: Subquery) -> list[str]:
    """Of the records in `rows` those that report an activity for which another record counts; sorted.

    It counts the credited one, and while none is credited the first by id; also where that one is not in `rows`.
    """
    suspects = _suspects(connection, rows)
    of_person: dict[str, list[Claim]] = defaultdict(list)
    for claim in _claims(connection, resources, list(suspects)):
        of_person[claim.person].append(claim)
    credited = awarded(connection, list(suspects))
    found = [activity for theirs in of_person.values() for activity in activities(theirs, lambda c: c.id in credited)]
    return sorted(name for activity in found for name in _others(activity) if suspects[name])


def _others(activity: Activity) -> Iterator[str]:
    counting = activity.credited or activity.reports[0]
    return (claim.id for claim in activity.reports if claim.id != counting.id)


def _claims(connection: Connection, resources: ResourceStates, ids: list[str]) -> Iterator[Claim]:
    claims = claims_by_id(connection, ids).values()
    names = {claim.resource for claim in claims if claim.develops and claim.resource is not None}
    states = resources.states(connection, names) if names else {}
    for claim in claims:
        state = states.get(claim.resource) if claim.develops and claim.resource is not None else None
        yield claim if state is None else replace(claim, resource_state=state)


def _suspects(connection: Connection, rows: Subquery) -> dict[str, bool]:
    """Records that share teacher, title and kind across platforms, or are one activity of one platform twice.

    By id, and whether they are in `rows`; most records are none, and are never read.
    """
    joined = RECORDS.join(ACCOUNTS, ACCOUNTS.c.id == RECORDS.c.account_id)
    named = (ACCOUNTS.c.teacher_id, RECORDS.c.activity_key, RECORDS.c.kind)
    session = (
        RECORDS.c.platform.concat(" ")
        .concat(func.coalesce(RECORDS.c.activity_id, RECORDS.c.id))
        .concat(" ")
        .concat(RECORDS.c.starts_on.cast(String))
        .concat(RECORDS.c.role)
    )
    several = or_(
        func.count(RECORDS.c.platform.distinct()) > 1, func.count(session.distinct()) < func.count(RECORDS.c.id)
    )
    counted = select(rows.c.teacher_id).distinct()
    groups = (
        select(*named)
        .select_from(joined)
        .where(ACCOUNTS.c.teacher_id.in_(counted))
        .group_by(*named)
        .having(several)
        .subquery("several")
    )
    same = and_(*(column == groups.c[column.name] for column in named))
    inside = RECORDS.c.id.in_(select(rows.c.id))
    wanted = select(RECORDS.c.id, inside).select_from(joined.join(groups, same))
    return {name: bool(within) for name, within in connection.execute(wanted)}
