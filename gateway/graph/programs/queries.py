"""Root fields for programs."""

import strawberry

from gateway.graph.context import Info
from gateway.graph.linked import Program


@strawberry.type
class ProgramQuery:
    """Joint programs, alliances and communities."""

    @strawberry.field
    def programs(self, info: Info) -> list[Program] | None:
        return [Program.of(row) for row in info.context.services.programs.all()]

    @strawberry.field
    def program(self, info: Info, code: str) -> Program | None:
        row = info.context.services.programs.get(code)
        return Program.of(row) if row else None
