"""Previews: the first records of every capability with the requests they took, and failures told instead of raised."""

import base64
from datetime import UTC, datetime
from json import loads
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.conformance import Preview, preview
from connectors.context import ConnectorContext
from connectors.sketches import people_sketch
from connectors.transport import in_process
from schema.findings import Severity
from schema.platforms import Capability
from tests.connectors.manifest.manifests import manifest
from tests.connectors.protocols.platform import Scripted, connector, json, rows

SECRET = "preview-secret-0001"
TOP = "credentials: {kind: apiKey, in: query, name: access, secret: key}\n"
MORE = """\
training:
  protocol: rest
  request: {path: /training}
  fields:
    nativeId: id
    teacherId: teacher
    title: title
    kind: {constant: COURSE}
    startsOn: {path: day, transform: date}
    quantity: hours
    unit: {constant: HOUR}
usage:
  protocol: rest
  request: {path: /usage}
  window: {from: a, to: b}
  fields: {day: {path: day, transform: date}}
  counts: {plays: {}, active_users: {distinct: who}}
"""
TEXT = manifest(top=TOP, harvest="  paging: {kind: page, size: 2}\n  deleted: gone\n") + MORE


async def look(platform: Scripted, *, text: str = TEXT, **more: Any) -> Preview:
    """A preview of what the platform holds on 5 March 2025 in China."""
    now = datetime(2025, 3, 4, 17, tzinfo=UTC)
    context = ConnectorContext("example", in_process(platform.app), {"key": SECRET}, now=lambda: now)
    return await preview(connector(text), context, **more)


def endless() -> Scripted:
    """Two records on every page."""
    return Scripted(lambda request, body, number: json(rows(2 * number, 2 * number + 1)))


@pytest.mark.parametrize(("limit", "shown", "asked"), [(1, 1, 1), (2, 2, 1), (3, 3, 2), (5, 5, 3)])
async def test_only_the_first_records_are_read(limit: int, shown: int, asked: int) -> None:
    platform = endless()
    found = await look(platform, limit=limit)
    assert (len(found.rows), len(found.requests), len(platform.asked)) == (shown, asked, asked)
    assert found.failure is None


async def test_requests_are_shown_without_secrets() -> None:
    found = await look(endless(), limit=3)
    assert [(one.method, one.url, one.status) for one in found.requests] == [
        ("GET", "https://api.example.org/items?page=1&access=•••", 200),
        ("GET", "https://api.example.org/items?page=2&access=•••", 200),
    ]
    assert all(one.duration_ms > 0 for one in found.requests)


async def test_a_row_shows_what_came_and_what_it_became() -> None:
    listed = [{"id": 1, "title": f"课 {SECRET}"}, {"id": 2, "title": ""}, {"id": 3, "gone": True}, {"id": SECRET}, 5]
    found = await look(Scripted(lambda request, body, number: json(listed if number == 1 else [])), limit=9)
    assert [(row.native_id, row.mapped is None, [one.code for one in row.findings]) for row in found.rows] == [
        ("1", True, ["record.skipped"]),
        ("2", True, ["title.missing"]),
        ("3", True, ["record.deleted"]),
        ("•••", True, ["title.missing"]),
        (None, True, ["record.notAnObject"]),
    ]
    assert found.rows[0].raw == '{"id":1,"title":"课 •••"}'
    assert found.rows[2].findings[0].severity is Severity.INFO
    assert SECRET not in repr(found)


async def test_a_mapped_row_holds_the_record() -> None:
    found = await look(Scripted(lambda request, body, number: json(rows(1))))
    [row] = found.rows
    assert row.native_id == "1"
    assert '"title":"第1课"' in (row.mapped or "")


async def test_training_records_are_shown() -> None:
    listed = [{"id": 1, "teacher": "T1", "title": "培训", "day": "2025-03-01", "hours": 2}, {"id": 2}]
    platform = Scripted(lambda request, body, number: json(listed))
    found = await look(platform, capability=Capability.TRAINING)
    assert [(row.native_id, row.mapped is None) for row in found.rows] == [("1", False), ("2", True)]
    assert platform.asked[0][1].startswith("/training")


async def test_usage_is_shown_of_the_last_seven_whole_days() -> None:
    listed = [
        {"day": "2025-03-04", "who": "甲"},
        {"day": "2025-03-04", "who": "乙"},
        {"day": "?"},
        {"day": "2025-03-05"},
    ]
    platform = Scripted(lambda request, body, number: json(listed))
    found = await look(platform, capability=Capability.USAGE)
    assert platform.asked[0][1] == f"/usage?a=2025-02-26&b=2025-03-04&access={SECRET}"
    assert [([one.code for one in row.findings], (row.mapped or "")[:90]) for row in found.rows] == [
        (["day.invalid"], ""),
        ([], '{"measure":"active_users","day":"2025-03-04","value":"2"}'),
        ([], '{"measure":"plays","day":"2025-03-04","value":"2"}'),
    ]


@pytest.mark.parametrize(
    ("answer", "code", "status"),
    [
        (json({}, 400), "UPSTREAM_FAILURE", 400),
        (Response("<html>", media_type="text/html"), "UPSTREAM_MALFORMED", 200),
        (json({}, 401), "CREDENTIAL_REFUSED", 401),
    ],
)
async def test_a_failure_is_told_and_not_raised(answer: Response, code: str, status: int) -> None:
    def second(request: Request, body: bytes, number: int) -> Response:
        return answer if number > 1 else json(rows(1, 2))

    found = await look(Scripted(second))
    assert found.failure is not None
    assert (found.failure.code, len(found.rows), found.requests[1].status) == (code, 2, status)
    assert SECRET not in repr(found)


async def test_a_request_without_an_answer_has_no_status() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ConnectionResetError

    platform = endless()
    platform.app = broken  # type: ignore[assignment]
    found = await look(platform)
    assert [one.status for one in found.requests] == [None]
    assert found.failure is not None
    assert found.failure.code == "UPSTREAM_UNREACHABLE"


async def test_a_capability_that_the_manifest_lacks_is_a_failure() -> None:
    found = await look(endless(), text=manifest(top=TOP), capability=Capability.USAGE)
    assert found.failure is not None
    assert "no usage section" in found.failure.message


@pytest.mark.parametrize("people", [3, 30_000])
async def test_of_a_sketch_only_the_beginning_is_shown(people: int) -> None:
    sketch = base64.b64encode(people_sketch(map(str, range(people)), b"k")).decode()
    usage = """\
usage:
  protocol: rest
  request: {path: /usage}
  fields: {day: day}
  measures: {views: pv, active_users: uv}
  sketches: {active_users: hll}
"""
    row = {"day": "2025-03-04", "pv": 5, "uv": people, "hll": sketch}
    platform = Scripted(lambda request, body, number: json([row]))
    found = await look(platform, text=manifest(top=TOP) + usage, capability=Capability.USAGE)
    shown = sketch if people == 3 else f"{sketch[:24]}… ({len(sketch)} characters)"
    mapped = {"measure": "active_users", "day": "2025-03-04", "value": str(people), "sketch": shown}
    assert [loads(one.mapped or "") for one in found.rows][1] == mapped
    assert [loads(one.raw) for one in found.rows] == [row | {"hll": shown}] * 2, "beside the other measure too"
    assert found.failure is None
