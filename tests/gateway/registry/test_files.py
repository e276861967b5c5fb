"""Manifests in files become connectors of the database, forward only and never over what others did."""

import asyncio
from pathlib import Path

import pytest

from connectors.platforms import builtin_manifests
from gateway.registry import ConnectorState, RejectedManifest
from gateway.storage import Database, open_database
from tests.gateway.registry.desk import AWAY, BY, HOME, SECRET, START, Desk, codes, done, manifest


def write(folder: Path, text: str, name: str = "river.yaml") -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")


async def synchronized(desk: Desk, *folders: Path, builtin: bool = False) -> tuple[RejectedManifest, ...]:
    """Synchronize as a process does at its start, and what was left out."""
    await desk.service.synchronize_files(folders, builtin=builtin)
    return (await desk.service.snapshot()).rejected


async def served(desk: Desk) -> dict[str, int]:
    """Versions by code, as they are served."""
    return {code: entry.connector.version for code, entry in (await desk.service.snapshot()).connectors.items()}


async def test_a_new_file_is_registered_verified_and_active(database: Database, tmp_path: Path) -> None:
    desk = Desk(database)
    write(tmp_path / "m", manifest())
    assert await synchronized(desk, tmp_path / "m") == ()
    view = await desk.service.connector("river")
    assert view is not None
    assert (view.state, view.newest.created_by, view.newest.manifest) == (
        ConnectorState.ACTIVE,
        "file: river.yaml",
        manifest(),
    )
    assert await desk.actions() == [("registered", 1), ("verified", 1), ("activated", 1)]
    entry = (await desk.service.snapshot()).connectors["river"]
    assert (entry.source, entry.connector.version, entry.is_canary) == ("file:river.yaml", 1, False)


async def test_the_same_files_again_change_nothing(database: Database, tmp_path: Path) -> None:
    desk = Desk(database)
    write(tmp_path / "m", manifest())
    await synchronized(desk, tmp_path / "m")
    events, revision = await desk.service.events("river"), (await desk.service.snapshot()).revision
    assert await synchronized(Desk(database), tmp_path / "m") == ()
    assert await desk.service.events("river") == events
    assert not await desk.service.changed_since(revision)


async def test_a_higher_version_is_published_and_active_and_can_be_rolled_back(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database)
    write(tmp_path / "m", manifest())
    await synchronized(desk, tmp_path / "m")
    write(tmp_path / "m", manifest(3))
    assert await synchronized(desk, tmp_path / "m") == ()
    assert await served(desk) == {"river": 3}
    done(await desk.service.rollback("river", BY))
    # what an administrator rolled back stays rolled back, however often a process starts
    assert await synchronized(desk, tmp_path / "m") == ()
    assert await served(desk) == {"river": 1}


@pytest.mark.parametrize("version", [1, 2])
async def test_another_text_under_a_stored_number_is_left_out_with_the_number_to_write(
    database: Database, tmp_path: Path, version: int
) -> None:
    desk = Desk(database)
    write(tmp_path / "m", manifest(2))
    await synchronized(desk, tmp_path / "m")
    write(tmp_path / "m", manifest(version, name="江城改"))
    [rejected] = await synchronized(desk, tmp_path / "m")
    assert rejected.source == str(tmp_path / "m" / "river.yaml")
    [finding] = rejected.findings
    assert (finding.code, finding.pointer, finding.suggestion) == ("manifest.versionTaken", "/version", "version: 3")
    snapshot = await desk.service.snapshot()
    assert snapshot.connectors["river"].platform.name == "江城云课堂"
    assert len(await desk.service.versions("river")) == 1


async def test_a_file_that_is_gone_retires_its_connector_and_revives_it_when_it_is_back(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database)
    write(tmp_path / "m", manifest())
    await synchronized(desk, tmp_path / "m")
    done(await desk.service.set_credentials("river", {"platformKey": SECRET}, BY))
    (tmp_path / "m" / "river.yaml").unlink()
    await synchronized(desk, tmp_path / "m")
    assert await served(desk) == {}
    assert (await desk.actions())[-1] == ("file removed", 1)
    write(tmp_path / "m", manifest())
    assert await synchronized(desk, tmp_path / "m") == ()
    assert await served(desk) == {"river": 1}
    assert (await desk.service.secrets_for("river")).values == {"platformKey": SECRET}


async def test_a_file_that_describes_another_platform_now_leaves_its_former_one(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database)
    write(tmp_path / "m", manifest())
    await synchronized(desk, tmp_path / "m")
    write(tmp_path / "m", manifest(code="lake"))
    await synchronized(desk, tmp_path / "m")
    assert await served(desk) == {"lake": 1}


async def test_neither_a_broken_file_nor_a_missing_directory_retires_anything(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database)
    write(tmp_path / "m", manifest())
    await synchronized(desk, tmp_path / "m")
    write(tmp_path / "m", "manifest: [")
    [broken] = await synchronized(desk, tmp_path / "m")
    assert broken.findings[0].code.startswith("yaml.") or broken.findings
    assert await served(desk) == {"river": 1}
    [missing] = await synchronized(desk, tmp_path / "elsewhere")
    assert missing.findings[0].code == "manifest.unreadable"
    assert await served(desk) == {"river": 1}


async def test_the_products_own_are_not_served_without_them_and_not_retired_either(database: Database) -> None:
    own = len(builtin_manifests())
    with_them, without = Desk(database), Desk(database)
    assert await synchronized(with_them, builtin=True) == ()
    assert len(await served(with_them)) == own
    assert await synchronized(without) == ()
    assert await served(without) == {}
    assert len(await served(with_them)) == own
    assert (await without.service.connectors([ConnectorState.ACTIVE])).total == own


async def test_an_operators_file_wins_over_the_products_own_from_the_start(database: Database, tmp_path: Path) -> None:
    own = next(entry for entry in builtin_manifests() if entry.name == "zibo.yaml").read_text("utf-8")
    write(tmp_path / "m", own.replace("name: ", "name: 改", 1), "mine.yaml")
    desk = Desk(database)
    assert await synchronized(desk, tmp_path / "m", builtin=True) == ()
    entry = (await desk.service.snapshot()).connectors["zibo"]
    assert (entry.source, entry.platform.name[0]) == ("file:mine.yaml", "改")


async def test_what_was_registered_through_the_api_is_nothing_a_file_can_touch(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database)
    await desk.activated()
    write(tmp_path / "m", manifest(5, origin=AWAY))
    [rejected] = await synchronized(desk, tmp_path / "m")
    assert [(finding.code, finding.message) for finding in rejected.findings] == [
        ("manifest.notTaken", "platform 'river' was registered through the API; publish versions there")
    ]
    assert await served(desk) == {"river": 1}
    assert (await desk.service.secrets_for("river")).origins == frozenset({HOME})
    write(tmp_path / "m", manifest())
    assert await synchronized(desk, tmp_path / "m") == ()


async def test_what_was_retired_through_the_api_stays_retired_whatever_the_files_say(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database)
    write(tmp_path / "m", manifest())
    await synchronized(desk, tmp_path / "m")
    done(await desk.service.retire("river", BY))
    assert await synchronized(desk, tmp_path / "m") == ()
    assert await served(desk) == {}
    write(tmp_path / "m", manifest(2))
    [rejected] = await synchronized(desk, tmp_path / "m")
    assert rejected.findings[0].message == "platform 'river' was retired; register it again through the API"
    await desk.register(manifest(2))
    assert codes(await desk.service.activate("river", None, BY)) == ["NOT_VERIFIED"]


async def test_a_suspended_connector_takes_a_files_version_and_stays_suspended(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database)
    write(tmp_path / "m", manifest())
    await synchronized(desk, tmp_path / "m")
    done(await desk.service.suspend("river", "维护", BY))
    write(tmp_path / "m", manifest(2))
    await synchronized(desk, tmp_path / "m")
    assert await served(desk) == {}
    view = done(await desk.service.activate("river", None, BY)).connector
    assert view is not None
    assert view.active is not None
    assert view.active.version == 2


async def test_replicas_that_start_together_do_not_collide(database_url: str, tmp_path: Path) -> None:
    write(tmp_path / "m", manifest())
    databases = [open_database(database_url) for _ in range(4)]
    try:
        desks = [Desk(each) for each in databases]
        outcomes = await asyncio.gather(*(synchronized(desk, tmp_path / "m", builtin=True) for desk in desks))
        assert outcomes == [()] * 4
        assert await desks[0].actions() == [("registered", 1), ("verified", 1), ("activated", 1)]
        assert {frozenset((await served(desk)).items()) for desk in desks} == {
            frozenset((await served(desks[0])).items())
        }
        assert (await desks[0].service.connectors()).total == len(builtin_manifests()) + 1
    finally:
        for each in databases:
            await each.aclose()


async def test_a_removed_file_can_be_registered_through_the_api_with_the_same_text(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database)
    write(tmp_path / "m", manifest())
    await synchronized(desk, tmp_path / "m")
    (tmp_path / "m" / "river.yaml").unlink()
    await synchronized(desk, tmp_path / "m")
    await desk.activated()
    entry = (await desk.service.snapshot()).connectors["river"]
    assert (entry.source, entry.connector.version) == ("registered", 1)
    view = await desk.service.connector("river")
    assert view is not None
    assert view.registered_at > START
