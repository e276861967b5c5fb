"""Root field for who asks."""

import strawberry

from gateway import identity
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.regions.types import Region
from gateway.graph.training.linked import Teacher, load_teacher
from gateway.identity import Principal, Purpose, Role


@strawberry.type(description="A role within a region and everything inside it; without a region, everywhere.")
class Grant:
    """What somebody was granted."""

    role: Role
    region: Region | None

    @classmethod
    def of(cls, row: identity.Grant) -> "Grant":
        """The grant of a principal."""
        return cls(role=row.role, region=Region.of(row.region))


@strawberry.type
class Viewer:
    """Who asks; without credentials nobody in particular."""

    principal: strawberry.Private[Principal]
    name: str | None
    grants: list[Grant]
    purpose: Purpose | None = strawberry.field(description="As stated in this request's header.")

    @strawberry.field
    async def teacher(self, info: Info) -> Teacher | None:
        return await load_teacher(info, self.principal.teacher) if self.principal.teacher else None


@strawberry.type
class ViewerQuery:
    """Who asks, as the gateway sees them."""

    @described("The signed-in principal.")
    def viewer(self, info: Info) -> Viewer:
        who = info.context.principal
        return Viewer(
            principal=who,
            name=None if who.is_anonymous else who.name,
            grants=[Grant.of(row) for row in who.grants],
            purpose=who.purpose,
        )
