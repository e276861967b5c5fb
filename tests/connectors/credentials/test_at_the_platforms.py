"""Each simulated platform accepts its own kind of credential, through the whole transport."""

from typing import Any

import orjson
import pytest

from connectors.simulators import SIMULATORS, Fault
from connectors.transport import Limits, Request, Response, Transport, assemble, in_process
from tests.connectors.credentials.platforms import SPECS, Clock

CREDENTIALS: dict[str, dict[str, Any]] = {
    "chongqing": {"kind": "hmac", "appKey": "appKey", "secret": "appSecret"},
    "zibo": {
        "kind": "session",
        "login": {
            "url": "/api/auth/login",
            "json": {"account": {"secret": "account"}, "password": {"secret": "password"}},
        },
        "token": {"path": "data.token", "expiresIn": "data.expiresIn"},
        "send": {"name": "X-Session-Token"},
    },
    "yuzhong": {
        "kind": "oauth2",
        "tokenUrl": "/oauth/token",
        "clientId": "clientId",
        "clientSecret": "clientSecret",
        "scope": "catalog",
    },
}
LISTINGS = {
    "chongqing": ("GET", "/openapi/v1/resources?pageNo=1&pageSize=2", b""),
    "zibo": ("POST", "/api/resource/list", b'{"pageNum": 1, "pageSize": 2}'),
    "yuzhong": ("GET", "/api/v2/resources?limit=2", b""),
}


class Visit:
    """A platform in this process, and a credential for it."""

    def __init__(self, code: str) -> None:
        simulator, self.clock = SIMULATORS[code], Clock()
        self.app = simulator.build(size=20, now=self.clock.now)
        limits = Limits(requests_per_second=1000, burst=100, backoff_seconds=0.001)
        self.transport: Transport = assemble(in_process(self.app), limits)
        self.credential = SPECS.validate_python(CREDENTIALS[code]).build(simulator.secrets, self.clock.now)
        method, path, body = LISTINGS[code]
        self.request = Request(method, simulator.origins[0] + path, {"content-type": "application/json"}, body)

    async def ask(self) -> Response:
        request = await self.credential.authorize(self.request, self.transport)
        return await self.transport.send(request)

    @property
    def seen(self) -> int:
        return len(self.app.state.simulation.requests)


def accepted(response: Response) -> bool:
    answer = orjson.loads(response.body)
    return response.status == 200 and str(answer.get("code", 0)) in ("0", "200", "SUCCESS", "OK")


@pytest.mark.parametrize("code", CREDENTIALS)
async def test_the_platform_accepts_the_credential_again_and_again(code: str) -> None:
    visit = Visit(code)
    unsigned = await visit.transport.send(visit.request)
    assert not accepted(unsigned)
    answers = [await visit.ask() for _ in range(3)]
    assert [accepted(answer) for answer in answers] == [True] * 3
    assert visit.seen == 1 + 3 + (code != "chongqing")


@pytest.mark.parametrize("code", CREDENTIALS)
async def test_a_retry_is_accepted_too(code: str) -> None:
    visit = Visit(code)
    visit.app.state.simulation.faults.add(
        Fault(path=visit.request.url.split("example")[1].partition("?")[0], status=503)
    )
    assert accepted(await visit.ask())
    assert visit.seen == 2 + (code != "chongqing")


@pytest.mark.parametrize("code", ["zibo", "yuzhong"])
async def test_a_token_is_renewed_when_its_time_is_over(code: str) -> None:
    visit = Visit(code)
    await visit.ask()
    visit.clock.advance(1800)
    assert accepted(await visit.ask())
    assert visit.seen == 4
