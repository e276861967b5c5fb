"""Which kinds of run there are, and which a connector is able to."""

from collections.abc import Collection

from connectors.contract import Connector
from gateway.harvesting.errors import HarvestKindUnsupported
from gateway.harvesting.runs import RESOURCES, HarvestKind
from schema.platforms import Capability

POSSIBLE = (*RESOURCES, HarvestKind.USAGE)


def possible_kinds(capabilities: Collection[Capability]) -> tuple[HarvestKind, ...]:
    """Kinds of run for a connector that can do this; an INCREMENTAL one becomes FULL where it must."""
    resources = RESOURCES if Capability.HARVEST in capabilities else ()
    return (*resources, HarvestKind.USAGE) if Capability.USAGE in capabilities else resources


def check_kind(kind: HarvestKind) -> None:
    """Raise `HarvestKindUnsupported` for a kind that nothing carries out."""
    if kind not in POSSIBLE:
        raise HarvestKindUnsupported(f"kind: {kind} cannot be harvested yet; possible are {_listed(POSSIBLE)}")


def check_ability(platform: str, capabilities: Collection[Capability], kind: HarvestKind) -> None:
    """Raise `HarvestKindUnsupported` for a kind that the connector of a platform cannot do, with those that it can."""
    check_kind(kind)
    possible = possible_kinds(capabilities)
    if kind not in possible:
        raise HarvestKindUnsupported(
            f"kind: {kind} cannot be harvested from {platform}; possible: {_listed(possible)}", platform=platform
        )


def check_usage(connector: Connector, kind: HarvestKind) -> None:
    """As `check_ability`, of usage alone: where a listing of resources is missing the connector says so in the run."""
    check_kind(kind)
    if kind is HarvestKind.USAGE:
        check_ability(connector.platform.code, connector.capabilities, kind)


def _listed(kinds: Collection[HarvestKind]) -> str:
    """Kinds in words, such as FULL, INCREMENTAL and USAGE."""
    if not kinds:
        return "nothing"
    *others, last = kinds
    return f"{', '.join(others)} and {last}" if others else str(last)
