"""Usage of every platform: the facts of a week are the numbers that the platform states, or its events counted."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import CredentialRefused, Throttled, Transient, UpstreamFailure
from connectors.records import UsageRequest
from schema.usage import UsageFact
from tests.connectors.platforms.runs import NOW, SETTLED, Run, built, connector, context, usage
from tests.connectors.simulators.clients import Chongqing, Zibo, client
from tests.connectors.simulators.sichuan import Sichuan

FIRST, LAST = date(2025, 10, 20), date(2025, 10, 26)
COMMUNITY = "chengdu-chongqing-teacher-community"
PARTS = {
    None: None,
    "成渝教师研修共同体": COMMUNITY,
    "专递课堂": "DELIVERED",
    "名师课堂": "MASTER_TEACHER",
    "名校网络课堂": "MASTER_SCHOOL",
}
Numbers = dict[tuple[str, str, str | None], tuple[Decimal, int]]
"""Value and revision by measure, day and the program or kind of classroom, None for the whole platform."""

CHONGQING = {
    "views": "pv",
    "views_total": "totalPv",
    "live_viewers": "liveViewers",
    "live_viewers_peak": "livePeak",
    "active_teachers": "activeTeachers",
    "schools_covered": "schoolTotal",
    "research_sessions": "researchSessions",
    "new_resources": "newResources",
}
ZIBO = {
    "plays": "watchTimes",
    "plays_total": "watchTimesTotal",
    "live_viewers": "liveWatchTimes",
    "live_viewers_peak": "maxOnline",
    "active_teachers": "teacherCount",
    "schools_covered": "schoolCount",
    "research_sessions": "researchCount",
    "live_lessons": "lessonCount",
    "live_attendance_avg": "avgWatchTimes",
}
SICHUAN = {
    "plays": "plays",
    "plays_total": "totalPlays",
    "live_viewers": "liveViewers",
    "live_viewers_peak": "livePeak",
    "active_teachers": "activeTeachers",
    "receiving_schools": "receivingSchools",
    "research_sessions": "researchSessions",
}
QUESTION = """
query ($from: Date!, $to: Date!) {
  usageDaily(from: $from, to: $to) {
    date plays totalPlays liveViewers livePeak activeTeachers receivingSchools revision
  }
  programDaily(from: $from, to: $to) { date program researchSessions revision }
}
"""


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.protocols.exchange.PAUSE", 0.001)


def numbers(run: Run[UsageFact]) -> Numbers:
    """What the facts say; one fact for each measure, day and part."""
    told: Numbers = {}
    for fact in run.records:
        key = (fact.measure, fact.day.isoformat(), fact.program or fact.classroom_kind)
        assert key not in told
        told[key] = (fact.value, fact.revision)
    return told


def stated(rows: Sequence[Any], day: str, revision: str, part: str, measures: Mapping[str, str]) -> Numbers:
    """What the platform's rows say, each of the measures that it states."""
    return {
        (code, row[day], PARTS[row.get(part)]): (Decimal(str(row[name])), row[revision])
        for row in rows
        for code, name in measures.items()
        if name in row
    }


async def test_facts_of_chongqing_are_what_it_states() -> None:
    app = built("chongqing", now=SETTLED)
    rows = await Chongqing(app).get("usage/daily", startDate=FIRST, endDate=LAST)
    run = await usage("chongqing", FIRST, LAST, app=app)
    assert numbers(run) == stated(rows, "statDate", "revision", "owner", CHONGQING)
    assert (len(run.records), run.rejected) == (7 * 8 + 2, [])


async def test_facts_of_zibo_are_what_it_states() -> None:
    app = built("zibo", now=SETTLED)
    platform = Zibo(app)
    await platform.login()
    rows = (await platform.post("stat/daily", beginDate=str(FIRST), endDate=str(LAST)))["data"]["rows"]
    run = await usage("zibo", FIRST, LAST, app=app)
    assert numbers(run) == stated(rows, "day", "version", "classroomType", ZIBO)
    assert (len(run.records), run.rejected) == (7 * 7 + 7 * 3 * 2, [])


async def test_averages_of_zibo_come_with_what_they_were_divided_by_and_add_up_to_the_whole() -> None:
    run = await usage("zibo", FIRST, LAST)
    facts = {(fact.measure, fact.day, fact.classroom_kind): fact for fact in run.records}
    averages = [fact for fact in run.records if fact.measure == "live_attendance_avg"]
    assert len(averages) == 21
    for day in {fact.day for fact in averages}:
        parts = [fact for fact in averages if fact.day == day]
        lessons = [facts["live_lessons", day, fact.classroom_kind].value for fact in parts]
        assert [fact.weight for fact in parts] == lessons
        whole = sum(fact.value * lesson for fact, lesson in zip(parts, lessons, strict=True))
        # every average is rounded to a tenth
        assert abs(whole - facts["live_viewers", day, None].value) <= sum(lessons) * Decimal("0.05")
    assert {fact.measure for fact in run.records if fact.weight is not None} == {"live_attendance_avg"}


async def test_facts_of_sichuan_are_what_it_states() -> None:
    platform = Sichuan()
    data = await platform.get(QUESTION, **{"from": str(FIRST), "to": str(LAST)})
    run = await usage("sichuan", FIRST, LAST, app=built("sichuan"))
    rows = data["usageDaily"] + data["programDaily"]
    assert numbers(run) == stated(rows, "date", "revision", "program", SICHUAN)
    assert (len(run.records), run.rejected) == (7 * 6 + 2, [])


async def test_joint_sessions_are_the_program_s_and_the_same_on_both_sides() -> None:
    first, last = date(2021, 1, 1), date(2025, 10, 31)
    sides = [await usage(code, first, last) for code in ("chongqing", "sichuan")]
    joint = [
        {
            fact.day: fact.value
            for fact in side.records
            if fact.program == COMMUNITY and fact.measure == "research_sessions"
        }
        for side in sides
    ]
    assert joint[0] == joint[1]
    assert (len(joint[0]), sum(joint[0].values()), min(joint[0])) == (828, 1_043, date(2021, 3, 1))
    assert all({fact.measure for fact in side.records if fact.program} == {"research_sessions"} for side in sides)
    own = [fact for fact in sides[0].records if fact.measure == "research_sessions" and fact.program is None]
    assert len(own) == 1_765, "重庆 tells its own sessions too, 四川 does not"
    assert [fact for fact in sides[1].records if fact.measure == "research_sessions" and not fact.program] == []


@pytest.mark.parametrize("code", ["chongqing", "zibo", "sichuan"])
async def test_years_are_asked_for_in_windows_and_every_day_comes_once(code: str) -> None:
    app = built(code, now=SETTLED)
    run = await usage(code, date(2023, 1, 1), date(2025, 10, 31), app=app)
    assert len(numbers(run)) == len(run.records)
    assert {fact.day for fact in run.records} == {date(2023, 1, 1) + timedelta(days=n) for n in range(1035)}
    assert sum(not path.startswith("/api/auth") for _, path in app.state.simulation.requests) == 3


async def test_a_late_day_is_corrected_by_a_higher_revision() -> None:
    late = [fact for fact in (await usage("chongqing", date(2025, 10, 1), LAST)).records if fact.revision == 2]
    day = late[0].day
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=NOW.tzinfo) + timedelta(days=1)
    app = built("chongqing", now=noon)
    asked = UsageRequest(day, day)
    pages = [page async for page in connector("chongqing").usage(context("chongqing", app, now=noon), asked)]
    [early] = [item.record for page in pages for item in page.accepted if item.record.measure == "views"]
    [settled] = [fact for fact in late if fact.measure == "views" and fact.day == day]
    assert (early.revision, settled.revision) == (1, 2)
    assert early.value < settled.value


@pytest.mark.parametrize(
    ("code", "path", "failure", "error"),
    [
        ("chongqing", "/openapi/v1/usage", "server", Transient),
        ("zibo", "/api/stat", "throttled", Throttled),
        ("yuzhong", "/xapi", "token", CredentialRefused),
        ("yuzhong", "/xapi", "server", Transient),
        ("sichuan", "/graphql", "unauthenticated", CredentialRefused),
        ("sichuan", "/graphql", "busy", Transient),
    ],
)
async def test_a_failure_that_stays_ends_the_run(code: str, path: str, failure: str, error: type[Exception]) -> None:
    app = built(code, now=SETTLED)
    app.state.simulation.faults.fail(failure, path=path, times=None)
    with pytest.raises(error) as caught:
        await usage(code, FIRST, LAST, app=app)
    assert type(caught.value) is error


async def test_the_national_platform_has_no_usage() -> None:
    app = built("national")
    with pytest.raises(UpstreamFailure, match="the manifest has no usage section"):
        await anext(connector("national").usage(context("national", app), UsageRequest(FIRST, LAST)))
    assert (await client(app).get("/zxx/ndrs/tags/tch_material_tag.json")).status_code == 200
