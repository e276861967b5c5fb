"""Registering and publishing: what is stored, what is refused, and that versions never change."""

import asyncio
import hashlib
import re

import sqlalchemy

from gateway.registry import ConnectorState, EventView
from gateway.storage import Database, open_database
from schema.platforms import Capability
from tests.gateway.registry.desk import BY, SECRET, Desk, codes, done, manifest


async def test_a_registered_connector_is_a_draft_with_its_report(database: Database) -> None:
    desk = Desk(database)
    outcome = await desk.register()
    view = outcome.connector
    assert view is not None
    assert view == await desk.service.connector("river")
    assert (view.code, view.state, view.active, view.canary) == ("river", ConnectorState.DRAFT, None, None)
    assert view.platform.name == "江城云课堂"
    assert view.capabilities == frozenset({Capability.HARVEST})
    assert [(status.name, status.set) for status in view.credentials] == [("platformKey", True)]
    newest = view.newest
    assert (newest.version, newest.manifest, newest.created_by) == (1, manifest(), BY)
    assert newest.digest == hashlib.sha256(manifest().encode()).hexdigest()
    assert newest.report == outcome.report
    assert newest.report.ok
    assert await desk.service.versions("river") == (newest,)
    assert await desk.service.version("river", 1) == newest
    assert await desk.service.version("river", 2) is None
    [event] = await desk.service.events("river")
    assert event == EventView(event.id, "river", event.at, BY, "registered", 1, {"names": ["platformKey"]})


async def test_a_manifest_with_errors_is_refused_with_its_report_and_nothing_is_stored(database: Database) -> None:
    desk = Desk(database)
    outcome = await desk.service.register(manifest().replace("nativeId: id", "nativId: id"), {}, BY)
    assert codes(outcome) == ["MANIFEST_INVALID"]
    assert outcome.report is not None
    assert not outcome.report.ok
    assert (await desk.service.connectors()).total == 0
    assert await desk.service.events("river") == ()


async def test_secrets_the_manifest_does_not_name_are_refused(database: Database) -> None:
    desk = Desk(database)
    outcome = await desk.service.register(manifest(), {"platformKey": SECRET, "other": "x"}, BY)
    assert codes(outcome) == ["CREDENTIAL_UNKNOWN"]
    assert outcome.refusals[0].message == "the manifest names no secret 'other'; it names platformKey"
    assert (await desk.service.connectors()).total == 0


async def test_a_version_must_be_greater_and_the_next_number_is_named(database: Database) -> None:
    desk = Desk(database)
    await desk.register(manifest(4))
    outcome = await desk.service.publish("river", manifest(4, name="江城"), False, BY)
    assert codes(outcome) == ["VERSION_NOT_GREATER"]
    assert outcome.refusals[0].message == "version 4 is not greater than 4, the newest; write version: 5"
    assert codes(await desk.service.publish("river", manifest(3), False, BY)) == ["VERSION_NOT_GREATER"]
    assert len(await desk.service.versions("river")) == 1


async def test_publishing_the_newest_text_again_changes_nothing(database: Database) -> None:
    desk = Desk(database)
    first = await desk.activated()
    events, revision = await desk.service.events("river"), (await desk.service.snapshot()).revision
    again = done(await desk.service.publish("river", manifest(), False, BY))
    canary = done(await desk.service.publish("river", manifest(), True, BY))
    assert again.connector == canary.connector == first.connector
    assert await desk.service.events("river") == events
    assert not await desk.service.changed_since(revision)


async def test_a_manifest_of_another_platform_is_refused(database: Database) -> None:
    desk = Desk(database)
    await desk.register()
    assert codes(await desk.service.publish("river", manifest(2, code="lake"), False, BY)) == ["PLATFORM_MISMATCH"]


async def test_a_version_beyond_what_a_database_counts_is_refused(database: Database) -> None:
    desk = Desk(database)
    assert codes(await desk.service.register(manifest(2**40), {}, BY)) == ["INVALID_INPUT"]


async def test_a_number_no_database_counts_to_is_no_version(database: Database) -> None:
    desk = Desk(database)
    await desk.register()
    for number in (0, -1, 2**31, 2**70):
        assert await desk.service.version("river", number) is None
        assert codes(await desk.service.activate("river", number, BY)) == ["VERSION_NOT_FOUND"]


async def test_a_retired_connector_is_revived_by_the_same_text_or_a_higher_version(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    done(await desk.service.retire("river", BY))
    assert codes(await desk.service.register(manifest(1, name="江城"), {}, BY)) == ["VERSION_NOT_GREATER"]
    view = (await desk.register()).connector
    assert view is not None
    assert (view.state, view.newest.version) == (ConnectorState.DRAFT, 1)
    # what was verified in its earlier life has to be verified again
    assert codes(await desk.service.activate("river", 1, BY)) == ["NOT_VERIFIED"]
    done(await desk.service.retire("river", BY))
    await desk.register(manifest(2))
    assert [version.version for version in await desk.service.versions("river")] == [2, 1]


async def test_connectors_are_listed_by_code_and_state_page_by_page(database: Database) -> None:
    desk = Desk(database)
    for code in ("lake", "river", "brook", "delta"):
        done(await desk.service.register(manifest(code=code), {"platformKey": SECRET}, BY))
    done(await desk.service.retire("delta", BY))
    first = await desk.service.connectors(first=3)
    assert [view.code for view in first.items] == ["brook", "delta", "lake"]
    assert (first.total, first.has_next, first.has_previous) == (4, True, False)
    second = await desk.service.connectors(first=3, after="lake")
    assert [view.code for view in second.items] == ["river"]
    assert (second.total, second.has_next, second.has_previous) == (4, False, True)
    both = await desk.service.connectors_by_code(["river", "lake", "nul\0", "none"])
    assert [(code, view.code) for code, view in sorted(both.items())] == [("lake", "lake"), ("river", "river")]
    drafts = await desk.service.connectors([ConnectorState.DRAFT], first=0)
    assert (drafts.items, drafts.total, drafts.has_next) == ((), 3, True)


async def test_no_statement_ever_changes_a_version_or_an_event(database: Database) -> None:
    statements: list[str] = []

    def remember(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    engines = [database.engine.sync_engine, *([database._bulk_engine] if database._bulk_engine else [])]
    for engine in engines:
        sqlalchemy.event.listen(engine, "before_cursor_execute", remember)
    desk = Desk(database)
    await desk.activated()
    await desk.published(2, activate=True)
    done(await desk.service.publish("river", manifest(3), True, BY))
    done(await desk.service.rollback("river", BY))
    done(await desk.service.rollback("river", BY))
    done(await desk.service.suspend("river", "维护", BY))
    done(await desk.service.set_credentials("river", {"platformKey": "x"}, BY))
    done(await desk.service.retire("river", BY))
    await desk.register(manifest(4))
    touching = [text for text in statements if re.search(r"connector_(versions|events)", text)]
    writing = [text for text in touching if not text.lstrip().startswith("SELECT")]
    assert len(writing) > 10
    assert [text for text in writing if not text.startswith("INSERT INTO connector_")] == []


async def test_of_two_who_register_at_once_exactly_one_is_told_yes(database: Database) -> None:
    desk = Desk(database)
    outcomes = await asyncio.gather(
        *(desk.service.register(manifest(name=f"江城{n}"), {"platformKey": SECRET}, BY) for n in range(4))
    )
    assert sorted(len(outcome.refusals) for outcome in outcomes) == [0, 1, 1, 1]
    assert {refusal.code for outcome in outcomes for refusal in outcome.refusals} == {"CONNECTOR_EXISTS"}
    assert len(await desk.service.versions("river")) == len(await desk.service.events("river")) == 1


async def test_of_two_who_publish_one_number_exactly_one_is_stored(database_url: str) -> None:
    here, there = open_database(database_url), open_database(database_url)
    try:
        first, second = Desk(here), Desk(there)
        await first.activated()
        outcomes = await asyncio.gather(
            *(
                desk.service.publish("river", manifest(2, name=f"江城{n}"), False, BY)
                for n, desk in enumerate([first, second] * 3)
            )
        )
        won = [outcome for outcome in outcomes if outcome.connector is not None]
        assert len(won) == 1
        assert {refusal.code for outcome in outcomes for refusal in outcome.refusals} == {"VERSION_NOT_GREATER"}
        assert won[0].connector is not None
        assert (await second.service.versions("river"))[0] == won[0].connector.newest
        assert (await first.actions()).count(("published", 2)) == 1
    finally:
        await here.aclose()
        await there.aclose()


async def test_activations_at_once_happen_one_after_the_other(database_url: str) -> None:
    here, there = open_database(database_url), open_database(database_url)
    try:
        first, second = Desk(here), Desk(there)
        await first.activated()
        for version in (2, 3):
            await first.published(version)
        outcomes = await asyncio.gather(first.service.activate("river", 2, BY), second.service.activate("river", 3, BY))
        assert [outcome.refusals for outcome in outcomes] == [(), ()]
        chain = [
            (event.version, event.detail.get("before"))
            for event in await first.service.events("river")
            if event.action == "activated"
        ]
        assert chain in ([(1, None), (2, 1), (3, 2)], [(1, None), (3, 1), (2, 3)])
        view = await first.service.connector("river")
        assert view is not None
        assert view.active is not None
        assert view.active.version == chain[-1][0]
        rolled = done(await second.service.rollback("river", BY)).connector
        assert rolled is not None
        assert rolled.active is not None
        assert rolled.active.version == chain[-2][0]
    finally:
        await here.aclose()
        await there.aclose()
