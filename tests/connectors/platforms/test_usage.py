"""Usage of every platform: the facts of a week are the numbers that the platform states, or its events counted."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import CredentialRefused, Throttled, Transient, UpstreamFailure
from connectors.records import UsageRequest
from connectors.simulators.yuzhong.statements import VERBS
from schema.usage import UsageFact
from tests.connectors.platforms.runs import NOW, SETTLED, Run, built, connector, context, usage
from tests.connectors.simulators.clients import Chongqing, Zibo, client
from tests.connectors.simulators.sichuan import Sichuan
from tests.connectors.simulators.xapi_client import everything, opened

FIRST, LAST = date(2025, 10, 20), date(2025, 10, 26)
WEEK = [FIRST + timedelta(days=n) for n in range(7)]
Numbers = dict[tuple[str, str], tuple[int, int]]
"""Value and revision by measure and day."""

CHONGQING = {
    "views": "pv",
    "views_total": "totalPv",
    "live_viewers": "liveViewers",
    "live_viewers_peak": "livePeak",
    "active_teachers": "activeTeachers",
    "research_sessions": "researchSessions",
    "new_resources": "newResources",
}
ZIBO = {
    "plays": "watchTimes",
    "plays_total": "watchTimesTotal",
    "live_viewers": "liveWatchTimes",
    "live_viewers_peak": "maxOnline",
    "active_teachers": "teacherCount",
    "research_sessions": "researchCount",
}
SICHUAN = {
    "plays": "plays",
    "plays_total": "totalPlays",
    "live_viewers": "liveViewers",
    "live_viewers_peak": "livePeak",
    "active_teachers": "activeTeachers",
    "receiving_schools": "receivingSchools",
}
QUESTION = """
query ($from: Date!, $to: Date!) {
  usageDaily(from: $from, to: $to) {
    date plays totalPlays liveViewers livePeak activeTeachers receivingSchools revision
  }
}
"""


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.protocols.exchange.PAUSE", 0.001)


def numbers(run: Run[UsageFact]) -> Numbers:
    """What the facts say; one fact for each measure and day."""
    told: Numbers = {}
    for fact in run.records:
        assert (fact.measure, fact.day.isoformat()) not in told
        told[fact.measure, fact.day.isoformat()] = (int(fact.value), fact.revision)
    return told


def stated(rows: list[Any], day: str, revision: str, measures: Mapping[str, str]) -> Numbers:
    """What the platform's rows say."""
    return {(code, row[day]): (row[name], row[revision]) for row in rows for code, name in measures.items()}


async def test_facts_of_chongqing_are_what_it_states() -> None:
    app = built("chongqing", now=SETTLED)
    rows = await Chongqing(app).get("usage/daily", startDate=FIRST, endDate=LAST)
    run = await usage("chongqing", FIRST, LAST, app=app)
    assert numbers(run) == stated(rows, "statDate", "revision", CHONGQING)
    assert (len(run.records), run.rejected) == (49, [])


async def test_facts_of_zibo_are_what_it_states() -> None:
    app = built("zibo", now=SETTLED)
    platform = Zibo(app)
    await platform.login()
    rows = (await platform.post("stat/daily", beginDate=str(FIRST), endDate=str(LAST)))["data"]["rows"]
    run = await usage("zibo", FIRST, LAST, app=app)
    assert numbers(run) == stated(rows, "day", "version", ZIBO)
    assert (len(run.records), run.rejected) == (42, [])


async def test_facts_of_sichuan_are_what_it_states() -> None:
    platform = Sichuan()
    data = await platform.get(QUESTION, **{"from": str(FIRST), "to": str(LAST)})
    run = await usage("sichuan", FIRST, LAST, app=built("sichuan"))
    assert numbers(run) == stated(data["usageDaily"], "date", "revision", SICHUAN)
    assert (len(run.records), run.rejected) == (42, [])


@pytest.mark.parametrize("code", ["chongqing", "zibo", "sichuan"])
async def test_years_are_asked_for_in_windows_and_every_day_comes_once(code: str) -> None:
    app = built(code, now=SETTLED)
    run = await usage(code, date(2023, 1, 1), date(2025, 10, 31), app=app)
    assert len({(fact.measure, fact.day) for fact in run.records}) == len(run.records)
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


async def counted(app: Any) -> Numbers:
    """A plain count over the statements that stand."""
    names = {"experienced": "views", "played": "plays", "attended": "sessions_attended"}
    told: Counter[tuple[str, str]] = Counter()
    people: dict[str, set[str]] = {}
    for statement in await everything(await opened(app)):
        day, verb = statement["timestamp"][:10], statement["verb"]["display"]["en-US"]
        if not str(FIRST) <= day <= str(LAST) or verb in ("earned", "voided"):
            continue
        people.setdefault(day, set()).add(statement["actor"]["account"]["name"])
        if verb in names:
            told[names[verb], day] += 1
    actors = {("active_users", day): len(members) for day, members in people.items()}
    return {key: (value, 0) for key, value in {**told, **actors}.items()}


async def test_facts_of_yuzhong_are_its_statements_counted() -> None:
    app = built("yuzhong", size=None, now=SETTLED)
    run = await usage("yuzhong", FIRST, LAST, app=app)
    assert numbers(run) == await counted(app)
    published = {"from": str(FIRST), "to": str(LAST)}
    platform = await opened(app)
    days = (await platform.http.get("/api/v2/stats/daily", params=published)).json()["items"]
    plays = {day: value for (measure, day), (value, _) in numbers(run).items() if measure == "plays"}
    assert plays == {day["date"]: day["metrics"]["plays"] for day in days}
    assert len(plays) == 7


async def test_a_voided_play_does_not_count() -> None:
    app = built("yuzhong", size=None, now=SETTLED)
    before = numbers(await usage("yuzhong", FIRST, LAST, app=app))
    played = await everything(await opened(app), verb=VERBS["played"])
    voided = next(statement for statement in played if statement["timestamp"].startswith(str(FIRST)))
    app.state.statements.void(voided["id"])
    after = numbers(await usage("yuzhong", FIRST, LAST, app=app))
    assert after["plays", str(FIRST)] == (before["plays", str(FIRST)][0] - 1, 0)
    assert after == await counted(app)


async def test_statements_that_more_leads_to_elsewhere_on_the_host_are_read_too() -> None:
    app = built("yuzhong", size=None, now=SETTLED)
    relative = numbers(await usage("yuzhong", FIRST, LAST, app=app))
    app.state.statements.absolute_more = True
    assert numbers(await usage("yuzhong", FIRST, LAST, app=app)) == relative


async def test_a_token_that_expires_between_pages_is_fetched_anew() -> None:
    app = built("yuzhong", size=None, now=SETTLED)
    simulation = app.state.simulation
    simulation.faults.fail("token", path="/xapi/statements").skip = 3
    run = await usage("yuzhong", FIRST, LAST, app=app)
    assert numbers(run) == await counted(app)
    tokens = [path for _, path in simulation.requests if path == "/oauth/token"]
    assert len(tokens) == 3, "two for the run, one for the count"


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
