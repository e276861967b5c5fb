"""Who asks: roles within regions, the purpose they state, and which tiers of resources they may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from schema.access import Access
from schema.errors import UnknownRegion
from schema.regions import region_tree

PUBLIC_TIERS = frozenset({Access.PUBLIC, Access.REGISTERED, Access.PROVINCE})
"""Tiers shown to everybody; CITY, DISTRICT and SCHOOL are for administrators of the whole gateway."""


class Role(StrEnum):
    """What a principal is to us."""

    PUBLIC = "PUBLIC"
    DEVELOPER = "DEVELOPER"
    ANALYST = "ANALYST"
    TEACHER = "TEACHER"
    PARTNER = "PARTNER"
    TRAINING_OFFICER = "TRAINING_OFFICER"
    ADMIN = "ADMIN"


class Purpose(StrEnum):
    """What personal data is asked for, stated once for a request in the header `Shanhai-Purpose`."""

    CREDIT_RECOGNITION = "CREDIT_RECOGNITION"
    TRAINING_ADMINISTRATION = "TRAINING_ADMINISTRATION"
    CERTIFICATION = "CERTIFICATION"
    COMPLAINT = "COMPLAINT"
    AUDIT = "AUDIT"


class Scope(StrEnum):
    """What a key is good for: READ for queries, WRITE for actions."""

    READ = "READ"
    WRITE = "WRITE"


def lies_within(region: str | None, around: str | None) -> bool:
    """Whether a region lies in another, where None stands for everywhere; what lies nowhere lies in that alone."""
    if around is None:
        return True
    try:
        return region is not None and region_tree().is_within(region, around)
    except UnknownRegion:
        return False


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a region (GB/T 2260 code) and everything inside it; without a region, everywhere."""

    role: Role
    region: str | None = None

    def covers(self, region: str | None) -> bool:
        """Whether it holds in a region; what lies nowhere is covered only by a grant for everywhere."""
        return lies_within(region, self.region)


@dataclass(frozen=True, slots=True)
class Principal:
    """The one who asks; without credentials everybody is the same anonymous principal.

    `client` is whom quotas count, such as the id of a key; `teacher` is our id of the teacher who signed in.
    """

    name: str = "anonymous"
    grants: tuple[Grant, ...] = ()
    purpose: Purpose | None = None
    teacher: str | None = None
    scopes: frozenset[Scope] = frozenset(Scope)
    client: str | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody said who they are."""
        return self.client is None

    @property
    def is_administrator(self) -> bool:
        """Whether they are an administrator of the whole gateway."""
        return Grant(Role.ADMIN) in self.grants

    @property
    def visible_tiers(self) -> frozenset[Access]:
        """Tiers whose resources this principal may be shown."""
        return frozenset(Access) if self.is_administrator else PUBLIC_TIERS

    def may_open(self, access: Access) -> bool:
        """Whether the platform would open a resource of this tier to them without a login of its own."""
        return access is Access.PUBLIC or self.is_administrator

    def holds(self, roles: Iterable[Role], region: str | None) -> bool:
        """Whether one of these roles was granted to them in this region."""
        wanted = frozenset(roles)
        return any(grant.role in wanted and grant.covers(region) for grant in self.grants)

    def regions_of(self, *roles: Role) -> tuple[str | None, ...]:
        """Regions in which one of these roles was granted; None stands for everywhere."""
        return tuple(dict.fromkeys(grant.region for grant in self.grants if grant.role in roles))


ANONYMOUS = Principal()
ADMINISTRATOR = Principal("administrator", grants=(Grant(Role.ADMIN),), client="administrator")
