"""Members of a joint program, over time and page by page."""

from collections.abc import Sequence
from datetime import date

import strawberry

from gateway.graph.pagination import Connection, connection, position_after, position_cursor
from gateway.graph.resources.people import Organization
from schema import programs as rows
from schema.programs import MemberRole


@strawberry.type
class Membership:
    """One organization's part in a program."""

    organization: Organization
    role: MemberRole
    valid_from: date | None
    valid_to: date | None

    @classmethod
    def of(cls, row: rows.Membership) -> "Membership":
        """The membership of a program's record."""
        return cls(
            organization=Organization.of(row.organization),
            role=row.role,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )


def members_page(
    members: Sequence[rows.Membership], role: MemberRole | None, on: date | None, first: int, after: str | None
) -> Connection[Membership]:
    """The members in this role on this day; cursors are positions in the program's own list, so filters may change."""
    start = position_after(after)
    wanted = [(at, row) for at, row in enumerate(members) if role in (None, row.role) and _holds(row, on)]
    later = [(at, row) for at, row in wanted if at >= start]
    return connection(
        [(position_cursor(at), Membership.of(row)) for at, row in later[:first]],
        total=len(wanted),
        has_next=len(later) > first,
        has_previous=len(later) < len(wanted),
    )


def _holds(row: rows.Membership, on: date | None) -> bool:
    if on is None:
        return True
    return (row.valid_from is None or row.valid_from <= on) and (row.valid_to is None or on <= row.valid_to)
