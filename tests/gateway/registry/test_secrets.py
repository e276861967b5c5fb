"""Secrets come from the environment first, then from the operator's file, and never show in an error."""

from pathlib import Path

import pytest

from gateway.errors import InvalidInput
from gateway.registry.secrets import SecretStore, variable_name


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
