"""Secrets in clear are found; names of secrets, words and addresses are not."""

from importlib.resources.abc import Traversable

import pytest

from connectors.manifest import read_manifest
from connectors.platforms import builtin_manifests
from tests.connectors.manifest.manifests import manifest

TOKEN = "f3a9c1d2" + "b7e64580" + "9a1c2d3e4f5a6b7c"


@pytest.mark.parametrize(
    "top",
    [
        f"credentials: {{kind: bearer, secret: {TOKEN}}}\n",
        "credentials: {kind: basic, user: u, password: 'Basic dXNlcjpwYXNzd29yZA=='}\n",
        "credentials: {kind: session, login: {url: /l, json: {password: hunter2}}, token: {path: t}, "
        "send: {in: header}}\n",
    ],
)
def test_a_secret_in_clear_is_found_and_never_repeated(top: str) -> None:
    reading = read_manifest(manifest(top=top))
    found = [finding for finding in reading.findings if finding.code == "manifest.secretInClear"]
    assert len(found) == 1
    assert reading.connector is None
    assert all(word not in repr(found) for word in (TOKEN, "dXNlcjpwYXNzd29yZA", "hunter2"))


def test_a_key_in_a_header_is_found() -> None:
    text = manifest().replace("    path: /items\n", "    path: /items\n    headers: {X-Api-Key: abc123}\n")
    assert [f.pointer for f in read_manifest(text).findings if f.code == "manifest.secretInClear"] == [
        "/harvest/request/headers/X-Api-Key"
    ]


@pytest.mark.parametrize("sketch", [f"{{secret: {TOKEN}}}", TOKEN])
def test_the_key_of_a_sketch_is_found_in_clear(sketch: str) -> None:
    counts = f"{{active_users: {{distinct: who, sketch: {sketch}}}}}"
    usage = f"usage: {{protocol: rest, request: {{path: /u}}, fields: {{day: day}}, counts: {counts}}}\n"
    reading = read_manifest(manifest() + usage)
    assert [f.pointer for f in reading.findings if f.code == "manifest.secretInClear"] == [
        "/usage/counts/active_users/sketch" + ("/secret" if sketch != TOKEN else "")
    ]
    assert TOKEN not in repr(reading.findings)


def test_the_value_of_a_secret_under_its_key_is_found() -> None:
    login = f"{{url: /l, json: {{key: {{secret: {TOKEN}}}}}}}"
    top = f"credentials: {{kind: session, login: {login}, token: {{path: t}}, send: {{}}}}\n"
    reading = read_manifest(manifest(top=top))
    [finding] = [one for one in reading.findings if one.code == "manifest.secretInClear"]
    assert finding.pointer == "/credentials/login/json/key/secret"
    assert TOKEN not in repr(reading.findings)


@pytest.mark.parametrize("path", builtin_manifests(), ids=lambda path: path.name)
def test_names_of_secrets_are_no_secrets(path: Traversable) -> None:
    assert [f for f in read_manifest(path.read_text("utf-8")).findings if f.code == "manifest.secretInClear"] == []
