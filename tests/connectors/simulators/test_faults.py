"""Faults on demand do what they say, as often as they say, and nothing else."""

import asyncio
import json
from typing import Any

import pytest

from connectors.simulators import SIMULATORS, Fault
from tests.connectors.simulators.clients import Chongqing, Yuzhong, client, simulation

BUILD = SIMULATORS["chongqing"].build


@pytest.fixture
def platform() -> Chongqing:
    return Chongqing(BUILD())


async def raw(platform: Chongqing, path: str = "resources") -> Any:
    return await platform.http.get(f"/openapi/v1/{path}", params=platform.signed(pageSize=2))


async def test_an_error_status_comes_as_often_as_asked(platform: Chongqing) -> None:
    platform.simulation.faults.error(503, times=2, retry_after="3")
    answers = [await raw(platform) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["retry-after"] == "3"
    assert platform.simulation.faults.active == []


async def test_an_error_of_the_dialect_comes_under_200(platform: Chongqing) -> None:
    platform.simulation.faults.fail("throttled")
    answer = await raw(platform)
    assert (answer.status_code, answer.json()["code"]) == (200, 42900)


async def test_an_unknown_failure_is_refused_with_the_known_ones(platform: Chongqing) -> None:
    with pytest.raises(ValueError, match="server, signature, throttled"):
        platform.simulation.faults.fail("sleepy")


async def test_a_fault_keeps_to_its_path_and_lets_sound_answers_pass_first(platform: Chongqing) -> None:
    platform.simulation.faults.add(Fault("/openapi/v1/usage", status=500))
    platform.simulation.faults.add(Fault("/openapi/v1/resources", skip=2, status=502))
    assert [(await raw(platform)).status_code for _ in range(4)] == [200, 200, 502, 200]


async def test_a_truncated_body_is_no_json(platform: Chongqing) -> None:
    sound = await raw(platform)
    platform.simulation.faults.truncate(0.5)
    cut = await raw(platform)
    assert len(cut.content) == len(sound.content) // 2
    with pytest.raises(json.JSONDecodeError):
        cut.json()


async def test_a_login_page_comes_instead_of_json(platform: Chongqing) -> None:
    platform.simulation.faults.html()
    answer = await raw(platform)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


async def test_drift_renames_and_retypes_until_cleared(platform: Chongqing) -> None:
    platform.simulation.faults.drift(
        rename={"resType": "type"}, retype={"viewCount": "text", "subject": "list", "grade": "null"}
    )
    for _ in range(2):
        record = (await raw(platform)).json()["data"]["list"][0]
        assert "resType" not in record
        assert (type(record["type"]), type(record["viewCount"]), type(record["subject"])) == (str, str, list)
        assert record["grade"] is None
    platform.simulation.faults.clear()
    assert "resType" in (await raw(platform)).json()["data"]["list"][0]


async def test_a_delay_holds_the_answer_back_until_its_time(platform: Chongqing) -> None:
    platform.simulation.faults.delay(3_600)
    waiting = asyncio.create_task(raw(platform))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not waiting.done()
    assert (await raw(platform)).status_code == 200
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_requests_are_noted_with_their_query(platform: Chongqing) -> None:
    await raw(platform, "usage/daily")
    ((method, path),) = platform.simulation.requests
    assert (method, path.partition("?")[0]) == ("GET", "/openapi/v1/usage/daily")
    assert "pageSize=2" in path


async def test_faults_can_be_set_over_http_only_where_that_was_asked_for() -> None:
    closed, opened = BUILD(), BUILD(control=True)
    fault = [{"path": "/openapi", "status": 500}]
    assert (await client(closed).put("/__faults", json=fault)).status_code == 404
    assert simulation(closed).faults.active == []
    assert (await client(opened).put("/__faults", json=fault)).json() == {"active": 1}
    assert (await client(opened).put("/__faults", json=[{"color": "red"}])).status_code == 400
    assert len(simulation(opened).faults.active) == 1
    assert (await client(opened).delete("/__faults")).json() == {"active": 0}


async def test_every_named_failure_of_every_platform_answers() -> None:
    for code, simulator in SIMULATORS.items():
        app = simulator.build()
        faults = simulation(app).faults
        for name, (status, body) in faults.failures.items():
            faults.fail(name)
            answer = await client(app).get("/anything")
            assert (code, answer.status_code, answer.json()) == (code, status, body)


async def test_links_stay_sound_beside_faults() -> None:
    platform = Yuzhong(SIMULATORS["yuzhong"].build())
    await platform.authorize()
    platform.simulation.faults.drift(rename={"title": "name"})
    pages = await platform.pages("/api/v2/resources?limit=100")
    assert sum(len(page) for page in pages) == 900
    assert all("name" in item and "title" not in item for page in pages for item in page)
