"""Recorded tests: what a platform answered becomes a test that passes, and holds no secret."""

import asyncio
from base64 import b64decode
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from typing import Any

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.conformance import examine_manifest
from connectors.conformance.demonstration import Demonstration, TooShort
from connectors.conformance.recording import record_test, written
from connectors.context import ConnectorContext
from connectors.manifest import read_manifest_file
from connectors.manifest.document import read_document
from connectors.platforms import builtin_manifests
from connectors.simulators import SIMULATORS
from connectors.sketches import people_sketch
from connectors.transport import in_process
from schema.findings import Severity
from tests.connectors.manifest.manifests import manifest
from tests.connectors.protocols.platform import Scripted, connector, json, rows

PAGED = "  paging: {kind: page, size: 2, sizeParameter: size}\n  records: items\n"
LOGIN = (
    "credentials:\n  kind: session\n  login: {url: /login, json: {user: {secret: account}, word: {secret: password}}}\n"
    "  token: {path: data.token}\n  send: {in: header, name: X-Session}\n"
)


async def errors(text: str) -> list[tuple[str, str | None]]:
    """The refusing findings of a manifest and its tests."""
    report = await examine_manifest(text)
    return [(one.code, one.message) for one in report.findings if one.severity is Severity.ERROR]


@pytest.mark.parametrize("path", builtin_manifests(), ids=lambda path: path.name)
def test_what_is_recorded_of_every_platform_passes_and_holds_no_secret(path: Traversable) -> None:
    async def recorded() -> None:
        reading = read_manifest_file(path)
        assert reading.connector is not None
        simulator = SIMULATORS[reading.connector.platform.code]
        transport = in_process(simulator.build(size=120))
        context = ConnectorContext(simulator.code, transport, dict(simulator.secrets))
        test = await record_test(reading.connector, context, pages=1)
        text = written([test])
        assert read_document(text).findings == []
        assert await errors(path.read_text("utf-8") + "\n" + text) == []
        assert [name for name, value in simulator.secrets.items() if len(value) > 8 and value in text] == []
        assert test["expect"]["accepted"] + test["expect"]["rejected"] > 0

    asyncio.run(recorded())


async def test_requests_answers_and_records_are_written_as_a_person_would() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        listed = rows(1, 2) if request.query_params["page"] == "1" else rows(3)
        return json({"items": listed}, headers={"date": "now", "x-trace": "7"})

    text = manifest(harvest=PAGED)
    platform = Scripted(answer)
    context = ConnectorContext("example", in_process(platform.app), {})
    test = await record_test(connector(text), context, pages=5, name="both pages")
    now = test.pop("now")
    assert now == str(now)
    assert test == {
        "name": "both pages",
        "section": "harvest",
        "exchanges": [
            {
                "request": {"path": "/items", "query": {"size": "2", "page": str(number)}},
                "response": {"headers": {"content-type": "application/json"}, "json": {"items": rows(*ids)}},
            }
            for number, ids in ((1, (1, 2)), (2, (3,)))
        ],
        "expect": {
            "accepted": 3,
            "rejected": 0,
            "records": [{"nativeId": str(n), "title": f"第{n}课", "kind": "LESSON"} for n in (1, 2, 3)],
        },
    }


async def test_a_sketch_is_recorded_as_it_is_made_with_the_key_of_the_demonstration() -> None:
    usage = """\
usage:
  protocol: rest
  request: {path: /events}
  fields: {day: day}
  counts: {active_users: {distinct: who, sketch: {secret: peopleKey}}}
"""
    platform = Scripted(lambda request, body, number: json([{"day": "2025-03-04", "who": who} for who in "甲乙"]))
    now = datetime(2025, 3, 4, 17, tzinfo=UTC)
    secrets = {"peopleKey": "live-secret-0001"}
    context = ConnectorContext("example", in_process(platform.app), secrets, now=lambda: now)
    test = await record_test(connector(manifest() + usage), context, section="usage", pages=2)
    [fact] = test["expect"]["records"]
    assert b64decode(fact["sketch"]) == people_sketch("甲乙", b"demo-peopleKey")
    text = written([test])
    assert "live-secret" not in text
    assert await errors(f"{manifest()}{usage}\n{text}") == []


async def test_a_recording_that_stops_before_the_listing_does_passes_too() -> None:
    platform = Scripted(lambda request, body, number: json({"items": rows(number, -number)}))
    context = ConnectorContext("example", in_process(platform.app), {})
    text = manifest(harvest=PAGED)
    test = await record_test(connector(text), context, pages=2)
    assert len(test["exchanges"]) == 2
    assert test["expect"]["error"] == "UPSTREAM_UNREACHABLE"
    assert await errors(text + written([test])) == []
    test["exchanges"][1]["request"]["query"]["page"] = "3"
    assert [code for code, _ in await errors(text + written([test]))] == ["test.request"]


async def test_logins_are_recorded_with_demonstration_values_only() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        if request.url.path == "/login":
            assert orjson.loads(body) == {"user": "real-user", "word": "real-password"}
            return json({"data": {"token": "real-token-7f3a"}})
        assert request.headers["x-session"] == "real-token-7f3a"
        return json([{"id": 1, "title": "echo real-password real-token-7f3a"}])

    secrets = {"account": "real-user", "password": "real-password"}
    context = ConnectorContext("example", in_process(Scripted(answer).app), secrets)
    text = manifest(top=LOGIN)
    test = await record_test(connector(text), context)
    shown = written([test])
    assert "real-" not in shown
    assert test["secrets"] == {"account": "demo-account", "password": "demo-password"}
    login, listing = test["exchanges"]
    assert login["request"]["json"] == {"user": "demo-account", "word": "demo-password"}
    assert listing["request"]["headers"] == {"X-Session": login["response"]["json"]["data"]["token"]}
    assert await errors(text + shown) == []


@pytest.mark.parametrize(
    "text", ["no", "0500", "12:30:45", "1e5", "null", "#", "a: b", "多行\n文本", "x" * 300, "- a", "\t", "  b ", "\x07"]
)
async def test_every_text_comes_back_as_it_was(text: str) -> None:
    listed: Any = [{"id": 1, "title": "课", "odd": text, "number": 1.5e300, "big": 2**62}]
    context = ConnectorContext("example", in_process(Scripted(lambda *_: json(listed)).app), {})
    test = await record_test(connector(manifest()), context)
    assert await errors(manifest() + written([test])) == []


def test_a_secret_too_short_to_be_found_is_refused_by_name() -> None:
    with pytest.raises(TooShort, match="'pin'"):
        Demonstration({"pin": "123"})


def test_secrets_are_replaced_in_every_spelling() -> None:
    shown = Demonstration({"key": 'a/b c"d', "inner": "/b c"})
    for spelled in ('a/b c"d', "a%2Fb%20c%22d", "a%2Fb+c%22d", 'a/b c\\"d', "YS9iIGMiZA=="):
        assert shown.text(f"<{spelled}>") in ("<demo-key>", "<ZGVtby1rZXk=>")
        assert shown.body(spelled.encode()) in (b"demo-key", b"ZGVtby1rZXk=")
