"""Usage sections: rows into facts, windows of days, resuming, and what is left out or refused."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.context import ConnectorContext
from connectors.errors import Malformed
from connectors.records import Checkpoint, HarvestPage, UsageRequest
from connectors.transport import in_process
from schema.usage import UsageFact
from tests.connectors.manifest.manifests import manifest
from tests.connectors.protocols.platform import Scripted, connector, json

FIRST, LAST = date(2025, 3, 1), date(2025, 3, 5)
SECRET = "usage-secret-000001"
ROWS = """\
usage:
  protocol: rest
  request: {path: /usage}
  records: items
  window: {from: start, to: end, days: 2}
  paging: {kind: page, size: 2}
  fields:
    day: {path: day, transform: date}
    stage: stage
  measures:
    views: pv
    plays: {path: vv, transform: integer}
"""
EVENTS = """\
usage:
  protocol: rest
  request: {path: /events}
  records: items
  window: {from: start, to: end, days: 2}
  paging: {kind: page, size: 2}
  when: type != 'test'
  fields: {day: {path: day, transform: date}}
  counts:
    plays: verb == 'play'
    active_users: {distinct: who}
    watch_minutes: {sum: {path: minutes}}
"""


async def usage(
    text: str, platform: Scripted, *, last: date = LAST, checkpoint: Checkpoint | None = None
) -> list[HarvestPage[UsageFact]]:
    """Every page of facts."""
    context = ConnectorContext("example", in_process(platform.app), {"key": SECRET})
    request = UsageRequest(FIRST, last, checkpoint)
    return [page async for page in connector(manifest() + text).usage(context, request)]


def facts(pages: list[HarvestPage[UsageFact]]) -> list[tuple[str, str, Decimal]]:
    """Measure, day and value of every fact."""
    return [(one.record.measure, str(one.record.day), one.record.value) for page in pages for one in page.accepted]


def daily(key: str = "pv") -> Scripted:
    """A platform with a row for every day asked for, in pages of two, and one of another year."""

    def answer(request: Request, body: bytes, number: int) -> Response:
        asked = request.query_params
        days = range(int(asked["start"][-2:]), int(asked["end"][-2:]) + 1)
        rows = [{"day": f"2025-03-{day:02}", key: day * 10} for day in days] + [{"day": "2024-01-01", key: 1}]
        first = 2 * (int(asked["page"]) - 1)
        return json({"items": rows[first : first + 2]})

    return Scripted(answer)


async def test_days_are_asked_for_window_by_window_and_others_left_out() -> None:
    platform = daily()
    pages = await usage(ROWS, platform)
    assert facts(pages) == [("views", f"2025-03-{day:02}", Decimal(day * 10)) for day in range(1, 6)]
    assert [target for _, target, _, _ in platform.asked] == [
        "/usage?start=2025-03-01&end=2025-03-02&page=1",
        "/usage?start=2025-03-01&end=2025-03-02&page=2",
        "/usage?start=2025-03-03&end=2025-03-04&page=1",
        "/usage?start=2025-03-03&end=2025-03-04&page=2",
        "/usage?start=2025-03-05&end=2025-03-05&page=1",
        "/usage?start=2025-03-05&end=2025-03-05&page=2",
    ]


async def test_every_checkpoint_goes_on_after_its_page() -> None:
    pages = await usage(ROWS, daily())
    for number, page in enumerate(pages):
        again = await usage(ROWS, daily(), checkpoint=page.checkpoint)
        assert facts(again) == facts(pages[number + 1 :])


async def test_windows_of_the_pager_do_not_disturb_those_of_usage() -> None:
    text = (
        "usage:\n  protocol: rest\n  request: {path: /usage}\n  records: items\n"
        "  paging: {kind: window, since: 2020-01-01, span: P2D, fromParameter: start, toParameter: end}\n"
        "  fields: {day: {path: day, transform: date}}\n  measures: {views: pv}\n"
    )

    def answer(request: Request, body: bytes, number: int) -> Response:
        asked = request.query_params
        days = range(int(asked["start"][-2:]), int(asked["end"][-2:]) + 1)
        return json({"items": [{"day": f"2025-03-{day:02}", "pv": day} for day in days]})

    platform = Scripted(answer)
    pages = await usage(text, platform)
    assert [target for _, target, _, _ in platform.asked] == [
        "/usage?start=2025-03-01&end=2025-03-02",
        "/usage?start=2025-03-03&end=2025-03-04",
        "/usage?start=2025-03-05&end=2025-03-05",
    ]
    assert len(facts(pages)) == 5
    for number, page in enumerate(pages):
        again = await usage(text, Scripted(answer), checkpoint=page.checkpoint)
        assert facts(again) == facts(pages[number + 1 :])


def once(*rows: Any) -> Scripted:
    """A platform whose first page holds these rows, and the others none."""
    return Scripted(lambda request, body, number: json({"items": list(rows) if number == 1 else []}))


async def test_a_row_gives_a_fact_for_every_measure_it_states() -> None:
    rows = ({"day": "2025-03-01", "pv": 3, "vv": "4", "stage": "PRIMARY"}, {"day": "2025-03-02", "vv": 0})
    pages = await usage(ROWS, once(*rows), last=date(2025, 3, 2))
    assert facts(pages) == [
        ("views", "2025-03-01", Decimal(3)),
        ("plays", "2025-03-01", Decimal(4)),
        ("plays", "2025-03-02", Decimal(0)),
    ]
    assert pages[0].accepted[0].record.stage == "PRIMARY"
    assert pages[0].accepted[0].digest == pages[0].accepted[1].digest


async def test_rows_that_are_wrong_are_refused_one_by_one() -> None:
    rows = (
        {"day": "2025-03-01", "pv": -1},
        {"day": "gestern", "pv": 1, "who": SECRET},
        {"day": "2025-03-01", "pv": 1, "vv": "x"},
        {"pv": 1},
        7,
        {"day": SECRET, "pv": 1},
    )
    pages = await usage(ROWS, once(*rows), last=date(2025, 3, 2))
    assert facts(pages) == [("views", "2025-03-01", Decimal(1))]
    assert [[finding.code for finding in one.findings] for one in pages[0].rejected] == [
        ["value.invalid"],
        ["day.invalid"],
        ["plays.invalid", "value.missing"],
        ["day.missing"],
        ["record.notAnObject"],
        ["day.invalid"],
    ]
    assert SECRET not in repr(pages)


async def test_a_row_nested_too_deeply_is_refused_alone() -> None:
    body = b'{"items":[{"day":"2025-03-01","pv":1},{"day":"2025-03-02","pv":2,"x":%b}]}' % (b"[" * 600 + b"]" * 600)
    platform = Scripted(lambda request, _, number: Response(body if number == 1 else b'{"items":[]}'))
    pages = await usage(ROWS, platform, last=date(2025, 3, 2))
    assert facts(pages) == [("views", "2025-03-01", Decimal(1))]
    assert [one.findings[0].code for one in pages[0].rejected] == ["record.tooDeep"]


async def test_no_days_ask_for_nothing() -> None:
    for text in (ROWS, EVENTS, ROWS.replace("  window: {from: start, to: end, days: 2}\n", "")):
        platform = daily()
        assert await usage(text, platform, last=date(2025, 2, 28)) == []
        assert await usage(text, platform, last=date(2025, 2, 1)) == []
        assert platform.asked == []


def happened(day: int, who: str, minutes: Any = 1, **more: Any) -> dict[str, Any]:
    """An event."""
    return {"day": f"2025-03-{day:02}", "who": who, "minutes": minutes, "verb": "play", **more}


def events() -> Scripted:
    """A platform with events, three for each window."""

    def answer(request: Request, body: bytes, number: int) -> Response:
        asked = request.query_params
        day = int(asked["start"][-2:])
        found = [
            happened(day, "甲", 1.5),
            happened(day, "甲", "x"),
            happened(day, "乙", 2),
            happened(day, "丙", type="test"),
        ]
        return json({"items": found[2 * (int(asked["page"]) - 1) :][:2]})

    return Scripted(answer)


async def test_events_are_counted_window_by_window_and_the_refused_told_at_once() -> None:
    pages = await usage(EVENTS, events(), last=date(2025, 3, 4))
    assert facts(pages) == [
        (measure, f"2025-03-{day:02}", Decimal(value))
        for day in (1, 3)
        for measure, value in (("active_users", "2"), ("plays", "2"), ("watch_minutes", "3.5"))
    ]
    refused = [[finding.code for one in page.rejected for finding in one.findings] for page in pages]
    assert refused == [["watch_minutes.invalid"], [], [], [], ["watch_minutes.invalid"], [], [], []]


async def test_an_interrupted_window_is_counted_again_from_its_beginning() -> None:
    pages = await usage(EVENTS, events(), last=date(2025, 3, 4))
    whole = facts(pages)
    for number, page in enumerate(pages):
        again = await usage(EVENTS, events(), last=date(2025, 3, 4), checkpoint=page.checkpoint)
        assert facts(again) == (whole if number < 3 else whole[3:] if number < 7 else [])


async def test_an_answer_without_rows_is_malformed() -> None:
    with pytest.raises(Malformed, match=r"\(records\)"):
        await usage(ROWS, Scripted(lambda request, body, number: json({"items": None})))
