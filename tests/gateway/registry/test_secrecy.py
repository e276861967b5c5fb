"""Sealed secrets: where they travel, when they open, and that they show nowhere."""

import base64
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidInput
from gateway.registry import ConnectorState, Rotation, Secrets, Vault
from gateway.registry.vault import Label, VaultClosed
from gateway.storage import Database
from schema.platforms import Capability
from tests.gateway.registry.desk import AWAY, BY, HOME, KEY, OTHER_KEY, SECRET, Desk, Platform, codes, done, manifest

LABEL = Label("river", "platformKey", (HOME,))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_what_is_sealed_opens_to_the_same_value(value: str) -> None:
    vault = Vault.from_setting(KEY)
    assert vault.key_id is not None
    sealed = vault.seal(LABEL, value)
    assert vault.open(LABEL, vault.key_id, sealed) == value
    assert sealed != vault.seal(LABEL, value)


@pytest.mark.parametrize(
    "other",
    [Label("lake", "platformKey", (HOME,)), Label("river", "other", (HOME,)), Label("river", "platformKey", (AWAY,))],
)
def test_a_row_that_is_copied_elsewhere_does_not_open(other: Label) -> None:
    vault = Vault.from_setting(KEY)
    sealed = vault.seal(LABEL, SECRET)
    with pytest.raises(VaultClosed, match="does not open") as caught:
        vault.open(other, str(vault.key_id), sealed)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("position", [0, 12, -1])
def test_a_changed_byte_is_noticed(position: int) -> None:
    vault = Vault.from_setting(KEY)
    sealed = bytearray(vault.seal(LABEL, SECRET))
    sealed[position] ^= 1
    with pytest.raises(VaultClosed):
        vault.open(LABEL, str(vault.key_id), bytes(sealed))


def test_the_first_key_seals_and_all_open() -> None:
    old, both = Vault.from_setting(OTHER_KEY), Vault.from_setting(f"{KEY}, {OTHER_KEY}")
    assert both.key_id == Vault.from_setting(KEY).key_id != old.key_id
    assert both.open(LABEL, str(old.key_id), old.seal(LABEL, SECRET)) == SECRET


@pytest.mark.parametrize("text", ["hunter2", base64.b64encode(b"hunter2").decode(), f"{KEY},hunter2", "é"])
def test_a_setting_that_is_no_key_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(InvalidInput, match="openssl rand -base64 32") as caught:
        Vault.from_setting(text)
    assert text not in str(caught.value)
    assert "SHANHAI_SEALING_KEY" in str(caught.value)


async def test_without_a_key_nothing_is_stored_and_how_to_make_one_is_told(database: Database) -> None:
    desk = Desk(database, keys=None)
    outcome = await desk.service.register(manifest(), {"platformKey": SECRET}, BY)
    assert codes(outcome) == ["SEALING_KEY_MISSING"]
    assert "openssl rand -base64 32" in outcome.refusals[0].message
    assert (await desk.service.connectors()).total == 0
    await desk.register(secret=None)
    assert codes(await desk.service.set_credentials("river", {"platformKey": SECRET}, BY)) == ["SEALING_KEY_MISSING"]
    assert await desk.service.sealed_secrets() == []


async def test_credentials_are_bound_to_the_origins_of_the_newest_version_when_they_are_set(
    database: Database,
) -> None:
    desk = Desk(database)
    await desk.activated()
    done(await desk.service.publish("river", manifest(2, others=(AWAY,)), False, BY))
    assert await desk.service.secrets_for("river") == Secrets({"platformKey": SECRET}, frozenset({HOME}))
    before = desk.now()
    view = done(await desk.service.set_credentials("river", {"platformKey": "new-value"}, BY)).connector
    assert view is not None
    assert view.credentials[0].updated_at == before + timedelta(minutes=1)
    assert await desk.service.secrets_for("river") == Secrets({"platformKey": "new-value"}, frozenset({HOME, AWAY}))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"other": "x"}, "CREDENTIAL_UNKNOWN"),
        ({"platformKey": " "}, "INVALID_INPUT"),
        ({"platformKey": "\ud800"}, "INVALID_INPUT"),
        ({"platformKey": "x" * 20_001}, "INVALID_INPUT"),
        ({}, "INVALID_INPUT"),
    ],
)
async def test_credentials_that_cannot_be_meant_are_refused(
    sqlite_database: Database, values: dict[str, str], code: str
) -> None:
    desk = Desk(sqlite_database)
    await desk.register()
    assert codes(await desk.service.set_credentials("river", values, BY)) == [code]
    assert (await desk.service.secrets_for("river")).values == {"platformKey": SECRET}


async def test_verification_needs_every_secret(database: Database) -> None:
    desk = Desk(database)
    await desk.register(secret=None)
    outcome = await desk.service.verify("river", None, BY)
    assert codes(outcome) == ["CREDENTIALS_MISSING"]
    assert outcome.refusals[0].message == "secret 'platformKey' is not set"
    assert desk.platform.asked == []
    lost = Desk(database, keys=OTHER_KEY)
    done(await desk.service.set_credentials("river", {"platformKey": SECRET}, BY))
    [refusal] = (await lost.service.verify("river", None, BY)).refusals
    assert (refusal.code, "is not in SHANHAI_SEALING_KEY" in refusal.message) == ("CREDENTIALS_MISSING", True)


async def test_several_secrets_travel_only_where_every_one_of_them_may(database: Database) -> None:
    def both(version: int, *others: str) -> str:
        basic = "{kind: basic, username: account, password: word}"
        text = manifest(version, secret=None, others=others)
        return text.replace("harvest:", f"credentials: {basic}\nharvest:", 1)

    desk = Desk(database)
    done(await desk.service.register(both(1), {"account": "a", "word": "b"}, BY))
    done(await desk.service.publish("river", both(2, AWAY), False, BY))
    done(await desk.service.set_credentials("river", {"word": "c"}, BY))
    assert await desk.service.secrets_for("river") == Secrets({"account": "a", "word": "c"}, frozenset({HOME}))
    assert (await desk.service.secrets_for("river", ["word"])).origins == frozenset({HOME, AWAY})
    assert await desk.service.secrets_for("river", []) == Secrets({}, None)
    assert await desk.service.secrets_for("lake") == Secrets({}, None)


async def test_a_connector_that_crashes_is_a_finding_without_its_words(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(database, crash=RuntimeError(f"sent {SECRET}"))
    await desk.register()
    verified = done(await desk.service.verify("river", None, BY))
    read = await desk.service.test_read(manifest(), "river", {})
    for report, verb in ((verified.report, "check"), (read.report, "read")):
        assert report is not None
        assert not report.ok
        assert (report.findings[-1].code, report.findings[-1].message) == (
            "live.crashed",
            f"the {verb} ended unexpectedly with RuntimeError",
        )
    assert read.preview is None
    assert SECRET not in caplog.text
    assert "RuntimeError" in caplog.text


@pytest.mark.parametrize("operator", [{}, {"river": {"platformKey": SECRET}}])
async def test_no_changed_manifest_carries_a_secret_elsewhere(
    sqlite_database: Database, tmp_path: Path, operator: dict[str, dict[str, str]]
) -> None:
    desk = Desk(sqlite_database, operator=operator)
    if operator:
        await desk.installed(tmp_path / "manifests")
    else:
        await desk.register()
    moved = manifest(2, origin=AWAY)
    trial = await desk.service.test_read(moved, "river", {})
    assert trial.refusals == ()
    done(await desk.service.publish("river", moved, False, BY))
    verified = done(await desk.service.verify("river", 2, BY))
    assert codes(await desk.service.publish("river", manifest(3, origin=AWAY), True, BY)) == ["NOT_VERIFIED"]
    assert len(desk.platform.asked) >= 3
    assert {(host, key) for host, key in desk.platform.asked} == {("api.elsewhere.example", None)}
    for report in (trial.report, verified.report):
        assert report is not None
        [bound] = [finding for finding in report.findings if finding.code == "credentials.bound"]
        assert (bound.expected, bound.found) == (HOME, AWAY)


async def test_a_test_read_uses_sealed_secrets_with_their_connector_only_and_stores_nothing(
    database: Database,
) -> None:
    desk = Desk(database)
    await desk.activated()
    before, revision = await desk.service.events("river"), (await desk.service.snapshot()).revision
    read = await desk.service.test_read(manifest(9), "river", {}, limit=2)
    assert read.refusals == ()
    assert read.preview is not None
    assert [row.native_id for row in read.preview.rows] == ["r0", "r1"]
    assert [request.status for request in read.preview.requests] == [200]
    alone = await desk.service.test_read(manifest(9), None, {})
    assert [(refusal.code, refusal.message) for refusal in alone.refusals] == [
        ("CREDENTIALS_MISSING", "secret 'platformKey' is not given")
    ]
    given = await desk.service.test_read(manifest(9, origin=AWAY), None, {"platformKey": SECRET})
    assert given.preview is not None
    assert len(given.preview.rows) == 3
    assert desk.opened[-1] == Secrets({"platformKey": SECRET}, None)
    assert await desk.service.events("river") == before
    assert not await desk.service.changed_since(revision)


@pytest.mark.parametrize(
    ("text", "platform", "credentials", "limit", "code"),
    [
        (manifest(), None, {"platformKey": SECRET}, 0, "LIMIT_EXCEEDED"),
        (manifest(), None, {"platformKey": SECRET}, 51, "LIMIT_EXCEEDED"),
        (manifest(), None, {"other": SECRET}, 5, "CREDENTIAL_UNKNOWN"),
        (manifest(code="lake"), "river", {}, 5, "PLATFORM_MISMATCH"),
        (manifest(code="lake"), "lake", {}, 5, "CONNECTOR_NOT_FOUND"),
        ("manifest: [", None, {}, 5, "MANIFEST_INVALID"),
    ],
)
async def test_a_test_read_that_is_refused_asks_nobody(
    sqlite_database: Database, text: str, platform: str | None, credentials: dict[str, str], limit: int, code: str
) -> None:
    desk = Desk(sqlite_database)
    await desk.register()
    outcome = await desk.service.test_read(text, platform, credentials, limit=limit)
    assert [refusal.code for refusal in outcome.refusals] == [code]
    assert outcome.preview is None
    assert desk.platform.asked == []


async def test_a_capability_the_manifest_lacks_is_refused(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database)
    outcome = await desk.service.test_read(manifest(), None, {"platformKey": SECRET}, Capability.TRAINING)
    assert [(refusal.code, refusal.message) for refusal in outcome.refusals] == [
        ("CAPABILITY_MISSING", "the manifest cannot do TRAINING; it can HARVEST")
    ]


async def test_rotation_seals_everything_under_the_first_key(database: Database) -> None:
    old = Desk(database, keys=OTHER_KEY)
    await old.register()
    done(await old.service.register(manifest(code="lake"), {"platformKey": SECRET}, BY))
    both = Desk(database, keys=f"{KEY},{OTHER_KEY}")
    done(await both.service.set_credentials("lake", {"platformKey": SECRET}, BY))
    assert await both.service.rotate_secrets(BY) == Rotation(1, 1, ("river",))
    assert await both.service.rotate_secrets(BY) == Rotation(0, 2)
    new = Desk(database, keys=KEY)
    assert (await new.service.secrets_for("river")).values == {"platformKey": SECRET}
    assert (await new.actions())[-1] == ("secrets rotated", None)
    assert await old.service.rotate_secrets(BY) == Rotation(0, 0, (), ("lake platformKey", "river platformKey"))
    assert (await new.service.secrets_for("river")).values == {"platformKey": SECRET}


async def test_retiring_erases_the_sealed_secrets(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    assert len(await desk.service.sealed_secrets()) == 1
    view = done(await desk.service.retire("river", BY)).connector
    assert view is not None
    assert (view.state, view.credentials[0].set) == (ConnectorState.RETIRED, False)
    assert await desk.service.sealed_secrets() == []


async def test_a_planted_secret_shows_nowhere(
    sqlite_database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk = Desk(sqlite_database, platform=Platform(records=20, echoes=2))
    shown: list[object] = [await desk.activated()]
    shown.append(done(await desk.service.publish("river", manifest(2), True, BY)))
    shown.append(await desk.service.test_read(manifest(3), "river", {}))
    shown.append(await desk.service.test_read(manifest(3), None, {"platformKey": SECRET}))
    shown.append(await desk.service.test_read(manifest(3), "river", {"platformKey": f"{SECRET} "}))
    desk.platform.key = "changed"
    shown.append(await desk.service.verify("river", None, BY))
    shown.append(await desk.service.publish("river", manifest(4), True, BY))
    shown.append(await desk.service.set_credentials("river", {"other": SECRET, "platformKey": ""}, BY))
    shown += [await desk.service.connectors(), await desk.service.events("river"), await desk.service.sealed_secrets()]
    shown += [await desk.service.secrets_for("river"), desk.opened, desk.service, await desk.service.snapshot()]
    assert len(desk.opened) >= 6
    assert SECRET in str(desk.platform.asked)
    assert [text for text in map(repr, shown) if SECRET in text] == []
    assert SECRET not in caplog.text
    contents = stored_bytes(tmp_path)
    assert "shanhai.db" in contents
    assert [name for name, content in contents.items() if SECRET.encode() in content] == []
    assert any(BY.encode() in content for content in contents.values())


def stored_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of the database, its journal included."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
