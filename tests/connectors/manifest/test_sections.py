"""Sections: what they are about, where each asks with which secret, and training records."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.context import ConnectorContext
from connectors.contract import ReportsUsage, SharesTraining
from connectors.errors import EgressRefused, PagingError, UpstreamFailure
from connectors.manifest import read_manifest
from connectors.records import HarvestPage, HarvestRequest, UsageRequest
from connectors.transport import in_process
from schema.platforms import Capability
from schema.training import TrainingReport
from tests.connectors.manifest.manifests import manifest
from tests.connectors.protocols.platform import Scripted, connector, harvest, ids, json, rows

TRAINING = """\
training:
  protocol: rest
  request: {path: /training}
  deleted: gone
  fields:
    nativeId: id
    teacherId: teacher
    title: title
    kind: {constant: COURSE}
    startsOn: {path: day, transform: date}
    quantity: hours
    unit: {constant: HOUR}
"""
SECRETS = {"main": "main-secret-000001", "other": "other-secret-00002"}


async def training(text: str, platform: Scripted) -> list[HarvestPage[TrainingReport]]:
    """Every page of training records."""
    context = ConnectorContext("example", in_process(platform.app), SECRETS)
    return [page async for page in connector(text).training(context, HarvestRequest())]


def report(number: int, **more: Any) -> dict[str, Any]:
    """A training record as the platform sends it."""
    return {"id": number, "teacher": "T1", "title": "培训", "day": "2025-03-01", "hours": "1.50", **more}


async def test_training_records_are_accepted_rejected_and_deleted() -> None:
    listed = [
        report(1),
        report(2, hours=-1),
        report(3, day="2025-02-30"),
        {"id": 4, "gone": True},
        report(5, teacher=None),
        report(6, title=SECRETS["main"], hours="x"),
    ]
    [page] = await training(manifest() + TRAINING, Scripted(lambda request, body, number: json(listed)))
    [accepted] = page.accepted
    assert (accepted.record.native_id, str(accepted.record.quantity), page.deleted) == ("1", "1.50", ("4",))
    assert [(one.native_id, one.findings[0].code) for one in page.rejected] == [
        ("2", "quantity.invalid"),
        ("3", "startsOn.invalid"),
        ("5", "teacherId.missing"),
        ("6", "quantity.invalid"),
    ]
    assert SECRETS["main"] not in repr(page)
    assert "•••" in page.rejected[3].raw


async def test_a_section_that_is_not_there_says_so() -> None:
    context = ConnectorContext("example", in_process(Scripted(lambda request, body, number: json([])).app), {})
    only = connector(manifest())
    assert isinstance(only, ReportsUsage)
    assert isinstance(only, SharesTraining)
    assert only.capabilities == {Capability.HARVEST}
    with pytest.raises(UpstreamFailure, match="no training section"):
        _ = [page async for page in only.training(context, HarvestRequest())]


async def test_a_section_passes_over_what_it_is_not_about() -> None:
    listed = [{**rows(1)[0], "type": "lesson"}, {**rows(2)[0], "type": "course"}, {"type": "course"}, 5]
    [page] = await harvest(
        manifest(harvest="  when: type == 'lesson'\n"), Scripted(lambda request, body, number: json(listed))
    )
    assert (ids([page]), page.rejected) == (["1"], ())
    assert page.shape is not None
    assert page.shape.records == 4


async def test_deletions_count_whatever_a_section_is_about() -> None:
    listed = [{"id": 7, "gone": True}, {**rows(1)[0], "type": "lesson"}]
    text = manifest(harvest="  when: type == 'lesson'\n  deleted: gone\n")
    [page] = await harvest(text, Scripted(lambda request, body, number: json(listed)))
    assert (ids([page]), page.deleted) == (["1"], ("7",))


OWN = """\
usage:
  protocol: rest
  origin: https://stats.example
  credentials: {kind: apiKey, in: header, name: X-Key, secret: other}
  request: {path: /usage}
  paging: {kind: nextUrl}
  records: items
  fields: {day: {path: day, transform: date}}
  measures: {views: n}
"""
TOP = """\
otherOrigins: [https://stats.example, https://parts.example]
credentials: {kind: apiKey, in: header, name: X-Key, secret: main}
"""


def hosts(platform: Scripted) -> list[tuple[str, str | None]]:
    """Where each request went, with which key."""
    return [(headers["host"], headers.get("x-key")) for _, _, _, headers in platform.asked]


def leading(next_url: str) -> Scripted:
    """A platform whose first page leads to an address."""

    def answer(request: Request, body: bytes, number: int) -> Response:
        return json({"items": [], "next": next_url if number == 1 else None})

    return Scripted(answer)


async def asked(
    platform: Scripted, *, usage: bool = False, text: str = "", secrets: Mapping[str, str] = SECRETS
) -> None:
    """Harvest, or read usage."""
    whole = text or manifest(top=TOP, harvest="  paging: {kind: nextUrl}\n  records: items\n") + OWN
    context = ConnectorContext("example", in_process(platform.app), secrets)
    day = date(2025, 3, 1)
    if usage:
        _ = [page async for page in connector(whole).usage(context, UsageRequest(day, day))]
    else:
        _ = [page async for page in connector(whole).harvest(context, HarvestRequest())]


async def test_every_section_asks_at_its_own_origin_with_its_own_secret() -> None:
    here, there = leading("/more"), leading("/more")
    await asked(here)
    await asked(there, usage=True)
    assert hosts(here) == [("api.example.org", SECRETS["main"])] * 2
    assert hosts(there) == [("stats.example", SECRETS["other"])] * 2


async def test_a_secret_travels_to_no_other_section_s_origin() -> None:
    here, there, parts = (
        leading("https://stats.example/x"),
        leading("https://api.example.org/x"),
        leading("https://parts.example/x"),
    )
    await asked(here)
    await asked(there, usage=True)
    await asked(parts)
    assert hosts(here) == [("api.example.org", SECRETS["main"]), ("stats.example", None)]
    assert hosts(there) == [("stats.example", SECRETS["other"]), ("api.example.org", None)]
    assert hosts(parts) == [("api.example.org", SECRETS["main"]), ("parts.example", SECRETS["main"])]


async def test_an_origin_that_the_manifest_does_not_name_is_never_asked() -> None:
    strange = leading("https://evil.example/x")
    with pytest.raises(PagingError, match=r"evil\.example"):
        await asked(strange)
    assert hosts(strange) == [("api.example.org", SECRETS["main"])]


async def test_a_section_s_token_may_come_from_the_manifest_s_origin() -> None:
    own = OWN.replace(
        "{kind: apiKey, in: header, name: X-Key, secret: other}",
        "{kind: oauth2, tokenUrl: https://api.example.org/token, clientId: main, clientSecret: other}",
    )

    def answer(request: Request, body: bytes, number: int) -> Response:
        if request.url.path == "/token":
            return json({"access_token": "granted-token-1", "token_type": "Bearer", "expires_in": 60})
        return json({"items": []})

    platform = Scripted(answer)
    text = manifest(top=TOP, harvest="  records: items\n") + own
    await asked(platform, usage=True, text=text)
    assert [(headers["host"], headers.get("authorization")) for _, _, _, headers in platform.asked][1] == (
        "stats.example",
        "Bearer granted-token-1",
    )
    assert platform.asked[0][3]["host"] == "api.example.org"
    stranger = text.replace("https://api.example.org/token", "https://evil.example/token")
    nobody = Scripted(answer)
    with pytest.raises(EgressRefused):
        await asked(nobody, usage=True, text=stranger)
    assert nobody.asked == []


def test_an_origin_of_a_section_has_to_be_named() -> None:
    reading = read_manifest(manifest(top=TOP.replace("https://stats.example, ", "")) + OWN)
    assert reading.connector is None
    assert any(
        "usage.origin is https://stats.example, which otherOrigins does not name" in f.message for f in reading.findings
    )
