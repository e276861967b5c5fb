"""What a joint program says of itself: every field that needs no other node than a region."""

from datetime import date
from typing import Self

import strawberry

from gateway.graph.nodes.types import Node
from gateway.graph.pagination import Connection, bounded, given
from gateway.graph.programs.members import Membership, members_page
from gateway.graph.regions.types import Region
from schema import programs as rows
from schema.identifiers import GlobalId
from schema.programs import MemberRole, ProgramKind


@strawberry.type
class DescribedProgram(Node):
    """A joint program without what leads on to platforms and figures."""

    row: strawberry.Private[rows.Program]
    code: str
    name: str
    kind: ProgramKind

    @strawberry.field
    def regions(self) -> list[Region]:
        return [region for code in self.row.regions if (region := Region.of(code))]

    @strawberry.field
    def members(
        self,
        role: MemberRole | None = strawberry.UNSET,
        on: date | None = strawberry.UNSET,
        first: int = 50,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Membership] | None:
        page = bounded("first", first)
        return members_page(self.row.members, given(role), given(on), page, given(after))

    @classmethod
    def of(cls, row: rows.Program) -> Self:
        """The program of its record."""
        identifier = strawberry.ID(str(GlobalId("Program", (row.code,))))
        return cls(id=identifier, row=row, code=row.code, name=row.name, kind=row.kind)
