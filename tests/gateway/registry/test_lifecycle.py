"""The life of a connector: every action in every state, and what each leads to."""

from collections.abc import Awaitable, Callable

import pytest

from gateway.registry import ConnectorOutcome, ConnectorState
from gateway.registry.lifecycle import MOST_EARLIER, Standing, installed
from gateway.storage import Database
from tests.gateway.registry.desk import BY, SECRET, Desk, codes, done, manifest

Step = Callable[[Desk], Awaitable[object]]


async def bring_to(desk: Desk, state: str) -> None:
    """A connector in this state; its newest version is 1, but 2 where a canary is."""
    await desk.register()
    if state == "DRAFT":
        return
    done(await desk.service.verify("river", None, BY))
    if state == "CANARY":
        done(await desk.service.publish("river", manifest(2), True, BY))
    if state in ("ACTIVE", "ACTIVE+CANARY", "SUSPENDED"):
        done(await desk.service.activate("river", None, BY))
    if state == "ACTIVE+CANARY":
        done(await desk.service.publish("river", manifest(2), True, BY))
    if state == "SUSPENDED":
        done(await desk.service.suspend("river", "维护", BY))
    if state == "RETIRED":
        done(await desk.service.retire("river", BY))


ACTIONS: dict[str, Callable[[Desk], Awaitable[ConnectorOutcome]]] = {
    "register": lambda desk: desk.service.register(manifest(3), {"platformKey": SECRET}, BY),
    "publish": lambda desk: desk.service.publish("river", manifest(3), False, BY),
    "canary": lambda desk: desk.service.publish("river", manifest(3), True, BY),
    "verify": lambda desk: desk.service.verify("river", None, BY),
    "activate": lambda desk: desk.service.activate("river", None, BY),
    "rollback": lambda desk: desk.service.rollback("river", BY),
    "suspend": lambda desk: desk.service.suspend("river", "维护", BY),
    "retire": lambda desk: desk.service.retire("river", BY),
    "credentials": lambda desk: desk.service.set_credentials("river", {"platformKey": SECRET}, BY),
}
INVALID, EXISTS, NOT_VERIFIED, NOTHING = "INVALID_STATE", "CONNECTOR_EXISTS", "NOT_VERIFIED", "NOTHING_TO_ROLL_BACK"
# state after each action as "STATE active canary newest", or the code of its refusal
TABLE: dict[str, dict[str, str]] = {
    "DRAFT": {
        "register": EXISTS,
        "publish": "DRAFT - - 3",
        "canary": "CANARY - 3 3",
        "verify": "VERIFIED - - 1",
        "activate": NOT_VERIFIED,
        "rollback": INVALID,
        "suspend": INVALID,
        "retire": "RETIRED - - 1",
        "credentials": "DRAFT - - 1",
    },
    "VERIFIED": {
        "register": EXISTS,
        "publish": "DRAFT - - 3",
        "canary": "CANARY - 3 3",
        "verify": "VERIFIED - - 1",
        "activate": "ACTIVE 1 - 1",
        "rollback": INVALID,
        "suspend": INVALID,
        "retire": "RETIRED - - 1",
        "credentials": "VERIFIED - - 1",
    },
    "CANARY": {
        "register": EXISTS,
        "publish": "CANARY - 2 3",
        "canary": "CANARY - 3 3",
        "verify": "CANARY - 2 2",
        "activate": "ACTIVE 2 - 2",
        "rollback": "VERIFIED - - 2",
        "suspend": INVALID,
        "retire": "RETIRED - - 2",
        "credentials": "CANARY - 2 2",
    },
    "ACTIVE": {
        "register": EXISTS,
        "publish": "ACTIVE 1 - 3",
        "canary": "ACTIVE 1 3 3",
        "verify": "ACTIVE 1 - 1",
        "activate": "ACTIVE 1 - 1",
        "rollback": NOTHING,
        "suspend": "SUSPENDED 1 - 1",
        "retire": "RETIRED - - 1",
        "credentials": "ACTIVE 1 - 1",
    },
    "ACTIVE+CANARY": {
        "register": EXISTS,
        "publish": "ACTIVE 1 2 3",
        "canary": "ACTIVE 1 3 3",
        "verify": "ACTIVE 1 2 2",
        "activate": "ACTIVE 2 - 2",
        "rollback": "ACTIVE 1 - 2",
        "suspend": "SUSPENDED 1 2 2",
        "retire": "RETIRED - - 2",
        "credentials": "ACTIVE 1 2 2",
    },
    "SUSPENDED": {
        "register": EXISTS,
        "publish": "SUSPENDED 1 - 3",
        "canary": INVALID,
        "verify": "SUSPENDED 1 - 1",
        "activate": "ACTIVE 1 - 1",
        "rollback": NOTHING,
        "suspend": INVALID,
        "retire": "RETIRED - - 1",
        "credentials": "SUSPENDED 1 - 1",
    },
    "RETIRED": {
        "register": "DRAFT - - 3",
        "publish": INVALID,
        "canary": INVALID,
        "verify": INVALID,
        "activate": INVALID,
        "rollback": INVALID,
        "suspend": INVALID,
        "retire": INVALID,
        "credentials": INVALID,
    },
}
CASES = [(state, action, expected) for state, row in TABLE.items() for action, expected in row.items()]


async def standing(desk: Desk) -> str:
    view = await desk.service.connector("river")
    assert view is not None
    numbers = (str(version.version) if version else "-" for version in (view.active, view.canary))
    return " ".join([view.state, *numbers, str(view.newest.version)])


def test_the_table_covers_every_action_in_every_state() -> None:
    assert {state.partition("+")[0] for state in TABLE} == set(ConnectorState)
    assert all(row.keys() == ACTIONS.keys() for row in TABLE.values())


@pytest.mark.parametrize(("state", "action", "expected"), CASES)
async def test_an_action_leads_where_the_table_says(
    sqlite_database: Database, state: str, action: str, expected: str
) -> None:
    desk = Desk(sqlite_database)
    await bring_to(desk, state)
    before, events = await standing(desk), await desk.service.events("river")
    outcome = await ACTIONS[action](desk)
    after = await desk.service.events("river")
    assert after[: len(events)] == events
    if " " in expected:
        assert done(outcome).connector == await desk.service.connector("river")
        assert await standing(desk) == expected
        unchanged = (state, action) == ("ACTIVE", "activate")
        assert len(after) == len(events) if unchanged else len(after) > len(events)
        assert all(event.by == BY for event in after)
    else:
        assert codes(outcome) == [expected]
        assert await standing(desk) == before
        assert after == events


async def test_a_refusal_names_the_states_in_which_the_action_is_possible(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database)
    await desk.register()
    [refusal] = (await desk.service.suspend("river", "维护", BY)).refusals
    assert refusal.message == "a connector that is DRAFT cannot be suspended; possible in: ACTIVE"


@pytest.mark.parametrize("action", [name for name in ACTIONS if name != "register"])
async def test_an_unknown_connector_is_refused_by_every_action(sqlite_database: Database, action: str) -> None:
    desk = Desk(sqlite_database)
    assert codes(await ACTIONS[action](desk)) == ["CONNECTOR_NOT_FOUND"]
    assert (await desk.service.connectors()).total == 0


@pytest.mark.parametrize("code", ["nul\0", "\ud800", "", "no-such"])
async def test_a_code_no_database_takes_is_simply_unknown(database: Database, code: str) -> None:
    desk = Desk(database)
    assert codes(await desk.service.verify(code, None, BY)) == ["CONNECTOR_NOT_FOUND"]
    assert await desk.service.connector(code) is None


async def test_rollback_walks_back_through_what_was_active(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    await desk.published(2, activate=True)
    await desk.published(3, activate=True)
    assert await standing(desk) == "ACTIVE 3 - 3"
    seen = []
    for _ in range(3):
        outcome = await desk.service.rollback("river", BY)
        seen.append(await standing(desk) if outcome.connector else codes(outcome)[0])
    assert seen == ["ACTIVE 2 - 3", "ACTIVE 1 - 3", NOTHING]


def test_what_can_be_gone_back_to_is_bounded() -> None:
    standing = Standing(ConnectorState.ACTIVE, 1, active=1)
    for version in range(2, MOST_EARLIER + 10):
        standing = installed(standing, version)
    assert standing.earlier == tuple(range(9, MOST_EARLIER + 9))
    assert (standing.active, standing.newest) == (MOST_EARLIER + 9, MOST_EARLIER + 9)


async def test_rollback_withdraws_the_canary_before_anything_else(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    await desk.published(2, activate=True)
    done(await desk.service.publish("river", manifest(3), True, BY))
    done(await desk.service.rollback("river", BY))
    assert await standing(desk) == "ACTIVE 2 - 3"
    done(await desk.service.rollback("river", BY))
    assert await standing(desk) == "ACTIVE 1 - 3"


async def test_resuming_names_the_version_that_would_do_when_another_is_not_verified(database: Database) -> None:
    desk = Desk(database)
    await bring_to(desk, "SUSPENDED")
    await desk.published(2, verify=False)
    [refusal] = (await desk.service.activate("river", 2, BY)).refusals
    assert (refusal.code, refusal.path) == (NOT_VERIFIED, ("version",))
    assert refusal.message.endswith("call verifyConnector first, or resume with version: 1")
    view = done(await desk.service.activate("river", 1, BY)).connector
    assert view is not None
    assert (view.state, view.suspended_because) == (ConnectorState.ACTIVE, None)


async def test_a_suspended_connector_resumes_with_what_it_served_also_after_a_rollback(
    sqlite_database: Database,
) -> None:
    desk = Desk(sqlite_database)
    await desk.activated()
    await desk.published(2, activate=True)
    done(await desk.service.rollback("river", BY))
    done(await desk.service.suspend("river", "维护", BY))
    done(await desk.service.activate("river", None, BY))
    assert await standing(desk) == "ACTIVE 1 - 2"
    done(await desk.service.activate("river", None, BY))
    assert await standing(desk) == "ACTIVE 2 - 2"


async def test_rollback_serves_nothing_that_has_failed_its_last_verification(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database)
    await desk.activated()
    await desk.published(2, activate=True)
    desk.platform.records = 0
    done(await desk.service.verify("river", 1, BY))
    before = await desk.actions()
    outcome = await desk.service.rollback("river", BY)
    assert codes(outcome) == [NOT_VERIFIED]
    assert outcome.refusals[0].message.endswith("call verifyConnector for it, or activate another")
    assert (await standing(desk), await desk.actions()) == ("ACTIVE 2 - 2", before)
    desk.platform.records = 3
    done(await desk.service.verify("river", 1, BY))
    done(await desk.service.rollback("river", BY))
    assert await standing(desk) == "ACTIVE 1 - 2"


async def test_a_failed_verification_takes_the_right_to_be_activated(database: Database) -> None:
    desk = Desk(database)
    await desk.register()
    done(await desk.service.verify("river", None, BY))
    desk.platform.records = 0
    outcome = done(await desk.service.verify("river", None, BY))
    assert outcome.report is not None
    assert (outcome.report.ok, outcome.report.findings[-1].code) == (False, "live.empty")
    assert await standing(desk) == "DRAFT - - 1"
    assert codes(await desk.service.activate("river", None, BY)) == [NOT_VERIFIED]
    assert (await desk.actions())[-1] == ("verification failed", 1)


async def test_a_canary_that_fails_its_live_check_is_not_stored(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    desk.platform.records = 0
    outcome = await desk.service.publish("river", manifest(2), True, BY)
    assert codes(outcome) == [NOT_VERIFIED]
    assert outcome.report is not None
    assert outcome.report.findings[-1].code == "live.empty"
    assert [version.version for version in await desk.service.versions("river")] == [1]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1_001, "a\0b"])
async def test_a_suspension_needs_a_reason_that_can_be_read(sqlite_database: Database, reason: str) -> None:
    desk = Desk(sqlite_database)
    await desk.activated()
    assert codes(await desk.service.suspend("river", reason, BY)) == ["INVALID_INPUT"]
    assert await standing(desk) == "ACTIVE 1 - 1"


async def test_versions_that_are_not_there_are_refused(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database)
    await desk.activated()
    assert codes(await desk.service.verify("river", 7, BY)) == ["VERSION_NOT_FOUND"]
    assert codes(await desk.service.activate("river", 7, BY)) == ["VERSION_NOT_FOUND"]
