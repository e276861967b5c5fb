"""The statement store of 渝中: paging by stored, relative and absolute more, filters, voiding, refusals."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette

from connectors.simulators.yuzhong.app import build
from connectors.simulators.yuzhong.statements import ORIGIN, VERBS
from connectors.simulators.yuzhong.xapi import StatementStore
from tests.connectors.simulators.clients import Clock, Yuzhong
from tests.connectors.simulators.xapi_client import PATH, ask, everything, opened, pages, settled, verbs

ALL = 10_967
PLAYED = VERBS["played"]


@pytest.fixture
def clock() -> Clock:
    return settled()


@pytest.fixture
def app(clock: Clock) -> Starlette:
    return build(now=clock)


@pytest.fixture
def store(app: Starlette) -> StatementStore:
    held: StatementStore = app.state.statements
    return held


@pytest.fixture
async def platform(app: Starlette) -> Yuzhong:
    return await opened(app)


async def test_the_walk_by_stored_covers_everything_once(platform: Yuzhong) -> None:
    found = await pages(platform, ascending="true")
    assert [len(page) for page in found] == [500] * 21 + [467]
    told = [statement for page in found for statement in page]
    stored = [statement["stored"] for statement in told]
    assert stored == sorted(stored)
    assert len({statement["id"] for statement in told}) == len(told) == ALL
    assert verbs(told) == {
        "played": 8_556,
        "completed": 1_076,
        "experienced": 854,
        "attended": 276,
        "earned": 146,
        "authored": 30,
        "reviewed": 6,
        "voided": 23,
    }


async def test_newest_first_is_the_other_way_round(platform: Yuzhong) -> None:
    rising = await everything(platform, ascending="true", verb=VERBS["earned"], limit=7)
    falling = await everything(platform, verb=VERBS["earned"], limit=11)
    assert falling == rising[::-1]
    assert len(rising) == 146


@pytest.mark.parametrize(("limit", "count"), [({}, 500), ({"limit": 0}, 500), ({"limit": 3}, 3), ({"limit": 999}, 500)])
async def test_limit_zero_is_the_maximum_of_the_server(platform: Yuzhong, limit: Mapping[str, int], count: int) -> None:
    assert len((await ask(platform, **limit))["statements"]) == count


async def test_more_is_relative_absolute_or_empty(platform: Yuzhong, store: StatementStore) -> None:
    relative = (await ask(platform, limit=5))["more"]
    assert relative.startswith("/xapi/statements?cursor=")
    store.absolute_more = True
    assert (await ask(platform, limit=5))["more"] == f"{ORIGIN}{relative}"
    assert (await ask(platform, verb=VERBS["reviewed"], limit=6))["more"] == ""
    found = await pages(platform, verb=VERBS["reviewed"], limit=2)
    assert [len(page) for page in found] == [2, 2, 2]


async def test_since_is_exclusive_and_until_inclusive(platform: Yuzhong) -> None:
    told = (await ask(platform, ascending="true", verb=PLAYED, limit=5))["statements"]
    stored = [statement["stored"] for statement in told]
    assert len(set(stored)) == 5
    assert await everything(platform, ascending="true", verb=PLAYED, since=stored[0], until=stored[3]) == told[1:4]
    assert await everything(platform, since=stored[3], until=stored[3]) == []
    zoned = stored[3].replace("Z", "+00:00")
    assert await everything(platform, verb=PLAYED, until=zoned) == told[3::-1]


async def test_statements_stored_at_one_instant_are_paged_without_loss(platform: Yuzhong) -> None:
    six = await everything(platform, until="2025-01-06T03:01:00Z", ascending="true", limit=4)
    assert len({statement["id"] for statement in six}) == len(six) == 6
    assert {statement["stored"] for statement in six} == {"2025-01-06T03:01:00.000Z"}


async def test_filters_by_verb_activity_and_agent_go_together(platform: Yuzhong) -> None:
    (told,) = (await ask(platform, verb=VERBS["attended"], limit=1, ascending="true"))["statements"]
    activity, agent = told["object"]["id"], told["actor"]
    attended = await everything(platform, activity=activity, verb=VERBS["attended"])
    assert {statement["object"]["id"] for statement in attended} == {activity}
    assert len(attended) == 6
    (own,) = await everything(platform, activity=activity, verb=VERBS["attended"], agent=json.dumps(agent))
    assert own == told
    assert await everything(platform, agent='{"mbox": "mailto:a@b.example"}') == []


async def test_what_is_voided_is_gone_but_can_be_asked_for(platform: Yuzhong) -> None:
    voids = await everything(platform, verb=VERBS["voided"])
    gone = [statement["object"]["id"] for statement in voids]
    assert len(set(gone)) == len(voids) == 23
    assert {statement["object"]["objectType"] for statement in voids} == {"StatementRef"}
    known = {statement["id"] for statement in await everything(platform)}
    assert known.isdisjoint(gone)
    kinds: Counter[str] = Counter()
    for identity in gone:
        assert (await platform.http.get(PATH, params={"statementId": identity})).status_code == 404
        voided = await ask(platform, voidedStatementId=identity)
        assert voided["id"] == identity
        kinds[voided["verb"]["display"]["en-US"]] += 1
    assert kinds == {"played": 14, "earned": 9}
    assert await ask(platform, statementId=voids[0]["id"]) == voids[0]
    assert (await platform.http.get(PATH, params={"voidedStatementId": voids[0]["id"]})).status_code == 404


async def test_a_statement_is_there_until_the_instant_it_is_voided(platform: Yuzhong, clock: Clock) -> None:
    for voiding in await everything(platform, verb=VERBS["voided"]):
        voided = voiding["object"]["id"]
        clock.instant = datetime.fromisoformat(voiding["stored"]) - timedelta(milliseconds=1)
        await platform.authorize()
        assert (await ask(platform, statementId=voided))["id"] == voided
        assert (await platform.http.get(PATH, params={"statementId": voiding["id"]})).status_code == 404
        clock.move(milliseconds=1)
        assert (await platform.http.get(PATH, params={"statementId": voided})).status_code == 404
        assert (await ask(platform, statementId=voiding["id"])) == voiding


async def test_a_harvest_by_stored_sees_what_is_added_and_voided(
    platform: Yuzhong, store: StatementStore, clock: Clock
) -> None:
    mark = (await platform.http.get(PATH, params={"limit": 1})).headers["x-experience-api-consistent-through"]
    assert mark == "2025-11-23T04:00:00.000Z"
    clock.move(minutes=1)
    happened = platform.simulation.milliseconds() - 5 * 86_400_000
    added = store.add("played", "v-0", timestamp=happened, object={"objectType": "Activity", "id": f"{ORIGIN}/x"})
    (told,) = await everything(platform, since=mark)
    assert (told["id"], told["stored"]) == (added, "2025-11-23T04:01:00.000Z")
    assert told["timestamp"] == "2025-11-18T12:01:00.000+08:00"
    clock.move(minutes=1)
    voiding = store.void(added)
    assert [statement["id"] for statement in await everything(platform, since=mark)] == [voiding]
    for unfit in (voiding, "unknown"):
        with pytest.raises(ValueError, match="no statement that can be voided"):
            store.void(unfit)
    assert len(await everything(platform, since=mark)) == 1


async def test_what_is_stored_during_a_walk_neither_repeats_nor_hides_anything(
    platform: Yuzhong, store: StatementStore
) -> None:
    for ascending, seen in (("true", 147), ("false", 147)):
        body = await ask(platform, verb=VERBS["earned"], ascending=ascending, limit=100)
        store.add("earned", "T-1", object={"objectType": "Activity", "id": f"{ORIGIN}/x"})
        rest = (await platform.http.get(body["more"])).json()
        ids = [statement["id"] for statement in [*body["statements"], *rest["statements"]]]
        assert len(set(ids)) == len(ids) == seen
        assert rest["more"] == ""


async def test_the_token_is_needed_as_elsewhere(platform: Yuzhong, clock: Clock) -> None:
    clock.move(minutes=31)
    answer = await platform.http.get(PATH)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_token"})
    assert "invalid_token" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("version", ["", "2.0.0", "0.95"])
async def test_the_version_must_be_said(platform: Yuzhong, version: str) -> None:
    answer = await platform.http.get(PATH, headers={"X-Experience-API-Version": version})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer.headers["x-experience-api-version"] == "1.0.3"


@pytest.mark.parametrize(
    "query",
    [
        "since=2025-10-20",
        "until=2025-10-20T00:00:00",
        "limit=-1",
        "limit=x",
        "ascending=yes",
        "agent=x",
        "agent={}",
        'agent={"mbox":"mailto:a@b.example","openid":"x"}',
        "registration=x",
        "format=ids",
        "attachments=true",
        "cursor=!!",
        "cursor=W10",
        "cursor=x&limit=5",
        "statementId=x&limit=5",
    ],
)
async def test_bad_parameters_are_400(platform: Yuzhong, query: str) -> None:
    answer = await platform.http.get(f"{PATH}?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_an_unknown_statement_is_404(platform: Yuzhong) -> None:
    for name in ("statementId", "voidedStatementId"):
        answer = await platform.http.get(PATH, params={name: "00000000-0000-4000-8000-000000000000"})
        assert (answer.status_code, answer.json()["error"]) == (404, "invalid_request")
