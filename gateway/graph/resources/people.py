"""Organizations and contributors as the graph shows them."""

import strawberry

from gateway.graph.regions.types import Region
from schema import resources as rows
from schema.people import ContributorRole, OrganizationKind


@strawberry.type
class Organization:
    """A school, bureau or other body."""

    name: str
    kind: OrganizationKind | None
    region: Region | None

    @classmethod
    def of(cls, row: rows.Organization) -> "Organization":
        """The organization of a record."""
        return cls(name=row.name, kind=row.kind, region=Region.of(row.region))

    @classmethod
    def maybe(cls, row: rows.Organization | None) -> "Organization | None":
        """The organization of a record that may name none."""
        return cls.of(row) if row else None


@strawberry.type
class Contributor:
    """A person in a role."""

    name: str | None = strawberry.field(description="Null where the platform or a rule hides it.")
    role: ContributorRole
    organization: Organization | None

    @classmethod
    def of(cls, row: rows.Contributor) -> "Contributor":
        """The contributor of a record."""
        return cls(name=row.name, role=row.role, organization=Organization.maybe(row.organization))
