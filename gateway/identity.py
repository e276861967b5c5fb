"""Who asks, and which tiers of resources they may see."""

from dataclasses import dataclass

from schema.access import Access

PUBLIC_TIERS = frozenset({Access.PUBLIC, Access.REGISTERED, Access.PROVINCE})
"""Tiers shown to everybody; CITY, DISTRICT and SCHOOL are for the administrator until identities arrive."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The one who asks; without a key everybody is the same anonymous principal."""

    name: str = "anonymous"
    is_administrator: bool = False

    @property
    def visible_tiers(self) -> frozenset[Access]:
        """Tiers whose resources this principal may be shown."""
        return frozenset(Access) if self.is_administrator else PUBLIC_TIERS

    def may_open(self, access: Access) -> bool:
        """Whether the platform would open a resource of this tier to them without a login of its own."""
        return access is Access.PUBLIC or self.is_administrator


ANONYMOUS = Principal()
ADMINISTRATOR = Principal("administrator", is_administrator=True)
