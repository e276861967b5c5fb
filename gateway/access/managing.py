"""Who manages which connectors: administrators and partners, in the regions they were granted."""

from gateway.identity import Principal, Role

MANAGERS = (Role.ADMIN, Role.PARTNER)


def manages(principal: Principal, region: str | None) -> bool:
    """Whether the connectors of a region are theirs; what belongs to no region is for those granted everywhere."""
    return principal.holds(MANAGERS, region)


def manages_everything(principal: Principal) -> bool:
    """Whether every connector is theirs."""
    return None in managed_regions(principal)


def managed_regions(principal: Principal) -> tuple[str | None, ...]:
    """Regions whose connectors are theirs, with all inside them; None stands for everywhere, empty for no right."""
    return principal.regions_of(*MANAGERS)
