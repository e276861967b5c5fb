"""Which kinds of run there are, and which a connector is able to."""

from collections.abc import Collection

from connectors.contract import Connector
from gateway.harvesting.errors import HarvestKindUnsupported
from gateway.harvesting.runs import RESOURCES, HarvestKind
from schema.platforms import Capability

WITHOUT_INTAKE = (*RESOURCES, HarvestKind.USAGE)
"""What is carried out where nobody takes training records in."""
LANE = "@"
"""Stands in the name of a lane beside a platform, such as `zibo@canary`, and in the code of no platform."""


def possible_kinds(capabilities: Collection[Capability]) -> tuple[HarvestKind, ...]:
    """Kinds of run for a connector that can do this; an INCREMENTAL one becomes FULL where it must."""
    able = {
        HarvestKind.FULL: Capability.HARVEST,
        HarvestKind.INCREMENTAL: Capability.HARVEST,
        HarvestKind.USAGE: Capability.USAGE,
        HarvestKind.TRAINING: Capability.TRAINING,
    }
    return tuple(kind for kind, needed in able.items() if needed in capabilities)


def check_kind(platform: str, kind: HarvestKind, *, intake: bool) -> None:
    """Raise `HarvestKindUnsupported` for training where nobody takes it in, or in a lane: a trial credits nobody."""
    if kind is not HarvestKind.TRAINING:
        return
    if not intake:
        raise HarvestKindUnsupported(
            f"kind: {kind} cannot be harvested yet; possible are {_listed(WITHOUT_INTAKE)}", platform=platform
        )
    if LANE in platform:
        raise HarvestKindUnsupported(
            f"kind: {kind} cannot be harvested from a version on trial, which credits nobody; activate it first",
            platform=platform,
        )


def check_ability(platform: str, capabilities: Collection[Capability], kind: HarvestKind) -> None:
    """Raise `HarvestKindUnsupported` for a kind that the connector of a platform cannot do, with those that it can."""
    possible = possible_kinds(capabilities)
    if kind not in possible:
        raise HarvestKindUnsupported(
            f"kind: {kind} cannot be harvested from {platform}; possible: {_listed(possible)}", platform=platform
        )


def check_connector(connector: Connector, kind: HarvestKind) -> None:
    """As `check_ability`, but not of resources: where a listing of them is missing the connector says so in the run."""
    if kind not in RESOURCES:
        check_ability(connector.platform.code, connector.capabilities, kind)


def _listed(kinds: Collection[HarvestKind]) -> str:
    """Kinds in words, such as FULL, INCREMENTAL and USAGE."""
    if not kinds:
        return "nothing"
    *others, last = kinds
    return f"{', '.join(others)} and {last}" if others else str(last)
