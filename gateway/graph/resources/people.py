"""Organizations and contributors as the graph shows them: parts of a record as they are."""

from typing import cast

import strawberry

from gateway.graph.regions.types import Region
from schema import resources as rows
from schema.people import ContributorRole, OrganizationKind


@strawberry.type
class Organization:
    """A school, bureau or other body."""

    name: str
    kind: OrganizationKind | None

    @strawberry.field
    def region(row: strawberry.Parent[rows.Organization]) -> Region | None:  # noqa: N805  # Strawberry's way to a row
        return Region.of(row.region)

    @staticmethod
    def of(row: rows.Organization) -> "Organization":
        """The organization of a record."""
        return cast("Organization", row)


@strawberry.type
class Contributor:
    """A person in a role."""

    name: str | None = strawberry.field(description="Null where the platform or a rule hides it.")
    role: ContributorRole
    organization: Organization | None
