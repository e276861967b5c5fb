"""Secrets of the operator: where they come from, who is given them, and that they never show in an error."""

from pathlib import Path

import pytest

from gateway.errors import InvalidInput
from gateway.registry import Secrets
from gateway.registry.secrets import SecretStore, variable_name
from gateway.storage import Database
from tests.gateway.registry.desk import AWAY, BY, HOME, SECRET, Desk, codes, done, manifest


@pytest.mark.parametrize(
    ("platform", "name", "variable"),
    [
        ("chongqing", "appSecret", "SHANHAI_SECRET_CHONGQING__APP_SECRET"),
        ("my-city", "token", "SHANHAI_SECRET_MY_CITY__TOKEN"),
        ("zibo", "oauth2Key", "SHANHAI_SECRET_ZIBO__OAUTH2_KEY"),
    ],
)
def test_variable_names(platform: str, name: str, variable: str) -> None:
    assert variable_name(platform, name) == variable


def test_the_environment_wins_over_the_file_and_unknown_names_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text("zibo: {account: a, password: b}\nother: {password: x}\n", "utf-8")
    store = SecretStore.from_file(path, {"SHANHAI_SECRET_ZIBO__PASSWORD": "c"})
    assert store.for_platform("zibo", frozenset({"account", "password", "more"})) == {"account": "a", "password": "c"}


@pytest.mark.parametrize("content", ["- hunter2", "zibo: hunter2", "zibo: {pin: 12345678}", "zibo: {a: 'hunter2"])
def test_a_bad_file_is_refused_without_quoting_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(InvalidInput) as caught:
        SecretStore.from_file(path, {})
    assert "hunter2" not in str(caught.value)
    assert "12345678" not in str(caught.value)
    assert "secrets.yaml" in str(caught.value)


def test_no_two_platforms_share_a_variable() -> None:
    assert variable_name("chongqing-app", "key") != variable_name("chongqing", "appKey")


def test_an_empty_file_holds_no_secrets(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text("# none yet\n", "utf-8")
    assert SecretStore.from_file(path, {}).for_platform("zibo", frozenset({"account"})) == {}


def test_values_do_not_show_in_repr() -> None:
    assert "hunter2" not in repr(SecretStore({"zibo": {"password": "hunter2"}}, {}))


async def test_what_the_operator_provides_wins_and_travels_to_the_origins_of_the_file_only(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database, operator={"river": {"platformKey": "of-the-operator"}}, keys=None)
    await desk.installed(tmp_path / "manifests")
    done(await desk.service.publish("river", manifest(2, origin=AWAY), False, BY))
    assert await desk.service.secrets_for("river") == Secrets({"platformKey": "of-the-operator"}, frozenset({HOME}))
    view = await desk.service.connector("river")
    assert view is not None
    assert [(each.name, each.set, each.updated_at) for each in view.credentials] == [("platformKey", True, None)]


@pytest.mark.parametrize("revived", [False, True], ids=["new", "revived"])
async def test_who_registers_a_code_is_given_nothing_of_the_operators(
    database: Database, tmp_path: Path, revived: bool
) -> None:
    operator = {"river": {"platformKey": SECRET}}
    desk = Desk(database, operator=operator, environment={"SHANHAI_SECRET_RIVER__PLATFORM_KEY": SECRET})
    if revived:
        await desk.installed(tmp_path / "manifests")
        done(await desk.service.retire("river", BY))
    view = (await desk.register(manifest(2, origin=AWAY), secret=None)).connector
    assert view is not None
    assert [(each.name, each.set) for each in view.credentials] == [("platformKey", False)]
    assert await desk.service.secrets_for("river") == Secrets()
    assert codes(await desk.service.verify("river", None, BY)) == ["CREDENTIALS_MISSING"]
    assert codes(await desk.service.publish("river", manifest(3, origin=AWAY), True, BY)) == ["CREDENTIALS_MISSING"]
    read = await desk.service.test_read(manifest(2, origin=AWAY), "river", {})
    assert [refusal.code for refusal in read.refusals] == ["CREDENTIALS_MISSING"]
    assert desk.platform.asked == []
    done(await desk.service.set_credentials("river", {"platformKey": "their-own"}, BY))
    assert await desk.service.secrets_for("river") == Secrets({"platformKey": "their-own"}, frozenset({AWAY}))
