"""The life of a connector as pure rules: which action is possible in which state, and where it leads.

DRAFT → VERIFIED → CANARY → ACTIVE ⇄ SUSPENDED → RETIRED. The state speaks of the active version, or of the newest one
while none is active.
"""

from collections.abc import Set
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.registry.records import ConnectorState
from gateway.registry.refusals import Refused, not_verified

MOST_EARLIER = 50
"""How far back `ROLLBACK` can go."""
_LIVING = frozenset(ConnectorState) - {ConnectorState.RETIRED}


class Action(StrEnum):
    """What can be done with a connector; the value is its name in the audit."""

    PUBLISH = "published"
    START_CANARY = "canary started"
    VERIFY = "verified"
    ACTIVATE = "activated"
    ROLLBACK = "rolled back"
    SUSPEND = "suspended"
    RETIRE = "retired"
    SET_CREDENTIALS = "credentials set"


POSSIBLE = {
    Action.PUBLISH: _LIVING,
    Action.START_CANARY: _LIVING - {ConnectorState.SUSPENDED},
    Action.VERIFY: _LIVING,
    Action.ACTIVATE: _LIVING,
    Action.ROLLBACK: frozenset({ConnectorState.CANARY, ConnectorState.ACTIVE, ConnectorState.SUSPENDED}),
    Action.SUSPEND: frozenset({ConnectorState.ACTIVE}),
    Action.RETIRE: _LIVING,
    Action.SET_CREDENTIALS: _LIVING,
}
"""States in which an action is possible."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a connector stands; `earlier` are the versions that were active before, the last one at its end."""

    state: ConnectorState
    newest: int
    active: int | None = None
    canary: int | None = None
    earlier: tuple[int, ...] = ()
    suspended_because: str | None = None


def require(standing: Standing, action: Action) -> None:
    """Refuse an action that is not possible in this state, naming the states in which it is."""
    if standing.state not in POSSIBLE[action]:
        states = ", ".join(state for state in ConnectorState if state in POSSIBLE[action])
        raise Refused(
            "INVALID_STATE", f"a connector that is {standing.state} cannot be {_DONE[action]}; possible in: {states}"
        )


_DONE = {
    Action.PUBLISH: "given a version",
    Action.START_CANARY: "given a canary",
    Action.VERIFY: "verified",
    Action.ACTIVATE: "activated",
    Action.ROLLBACK: "rolled back",
    Action.SUSPEND: "suspended",
    Action.RETIRE: "retired",
    Action.SET_CREDENTIALS: "given credentials",
}


def settled(standing: Standing, verified: Set[int]) -> Standing:
    """The standing with the state that follows from its versions; suspended and retired ones stay what they are."""
    if standing.state in (ConnectorState.SUSPENDED, ConnectorState.RETIRED):
        return standing
    if standing.active is not None:
        state = ConnectorState.ACTIVE
    elif standing.canary is not None:
        state = ConnectorState.CANARY
    else:
        state = ConnectorState.VERIFIED if standing.newest in verified else ConnectorState.DRAFT
    return replace(standing, state=state)


def published(standing: Standing, version: int, verified: Set[int]) -> Standing:
    """A newer version is there, and nothing else about it is known."""
    require(standing, Action.PUBLISH)
    return settled(replace(standing, newest=version), verified)


def on_trial(standing: Standing, version: int, verified: Set[int]) -> Standing:
    """The version is served beside the active one; the active one itself needs no trial."""
    require(standing, Action.START_CANARY)
    canary = standing.canary if version == standing.active else version
    return settled(replace(standing, canary=canary), verified)


def resumable(standing: Standing) -> int:
    """The version meant by who names none: a suspended connector goes on as it was, any other with the newest."""
    held = standing.active if standing.state is ConnectorState.SUSPENDED else None
    return standing.newest if held is None else held


def activated(standing: Standing, version: int, verified: Set[int]) -> Standing:
    """The version is served; what was served before can be gone back to."""
    require(standing, Action.ACTIVATE)
    if version not in verified:
        known = standing.active
        advice = "call verifyConnector first"
        if standing.state is ConnectorState.SUSPENDED and known in verified and known != version:
            advice += f", or resume with version: {known}"
        raise not_verified(version, advice)
    resumed = replace(standing, state=ConnectorState.ACTIVE, suspended_because=None)
    return installed(resumed, version)


def rolled_back(standing: Standing, verified: Set[int]) -> Standing:
    """Without its canary, or with the version that was active before; a suspended connector stays suspended."""
    require(standing, Action.ROLLBACK)
    if standing.canary is not None:
        return settled(replace(standing, canary=None), verified)
    if not standing.earlier:
        raise Refused("NOTHING_TO_ROLL_BACK", "there is no canary, and no version was active before this one")
    version = standing.earlier[-1]
    if version not in verified:
        raise not_verified(version, "call verifyConnector for it, or activate another")
    return replace(standing, active=version, earlier=standing.earlier[:-1])


def suspended(standing: Standing, reason: str) -> Standing:
    """Nothing is served until the connector is activated again."""
    require(standing, Action.SUSPEND)
    return replace(standing, state=ConnectorState.SUSPENDED, suspended_because=reason)


def retired(standing: Standing) -> Standing:
    """Nothing is served; the versions stay for the record."""
    require(standing, Action.RETIRE)
    return Standing(ConnectorState.RETIRED, standing.newest)


def installed(standing: Standing, version: int) -> Standing:
    """Served because the operator's file says so; a suspended connector stays suspended, with the file's version."""
    before = () if standing.active in (None, version) else (standing.active,)
    held = standing.state is ConnectorState.SUSPENDED
    return replace(
        standing,
        state=ConnectorState.SUSPENDED if held else ConnectorState.ACTIVE,
        newest=max(standing.newest, version),
        active=version,
        canary=None if standing.canary == version else standing.canary,
        earlier=(*standing.earlier, *(number for number in before if number is not None))[-MOST_EARLIER:],
        suspended_because=standing.suspended_because if held else None,
    )
