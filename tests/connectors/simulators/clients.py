"""Clients of the simulated platforms: they sign, log in and walk as a connector must."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette

from connectors.simulators import SIMULATORS, Simulation
from connectors.simulators.chongqing.signing import sign

NOON = datetime(2025, 11, 3, 4, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.instant = NOON

    def __call__(self) -> datetime:
        return self.instant

    def move(self, **span: float) -> None:
        self.instant += timedelta(**span)


def simulation(app: Starlette) -> Simulation:
    """What the app lets tests hold."""
    held: Simulation = app.state.simulation
    return held


def client(app: Starlette) -> httpx.AsyncClient:
    """A plain client at the first origin of the platform."""
    origin = SIMULATORS[simulation(app).code].origins[0]
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=origin)


class Chongqing:
    """Signs every query with a nonce of its own."""

    def __init__(self, app: Starlette) -> None:
        self.http, self.simulation = client(app), simulation(app)
        self._nonce = 0

    def signed(self, **parameters: Any) -> dict[str, str]:
        self._nonce += 1
        query = {name: str(value) for name, value in parameters.items()}
        query |= {"appKey": self.simulation.secrets["appKey"], "nonce": f"n-{self._nonce}"}
        query |= {"timestamp": str(self.simulation.milliseconds())}
        return query | {"sign": sign(query, self.simulation.secrets["appSecret"])}

    async def ask(self, path: str, query: Mapping[str, str]) -> Any:
        answer = await self.http.get(f"/openapi/v1/{path}", params=dict(query))
        assert answer.status_code == 200
        return answer.json()

    async def get(self, path: str, **parameters: Any) -> Any:
        answer = await self.ask(path, self.signed(**parameters))
        assert answer["code"] == 0, answer
        return answer["data"]

    async def everything(self, path: str = "resources", **parameters: Any) -> list[Any]:
        found: list[Any] = []
        number = 1
        while page := (await self.get(path, pageNo=number, pageSize=200, **parameters))["list"]:
            found += page
            number += 1
        return found


class Zibo:
    """Logs in once; says what came back."""

    def __init__(self, app: Starlette) -> None:
        self.http, self.simulation = client(app), simulation(app)

    async def login(self) -> None:
        answer = (await self.http.post("/api/auth/login", json=dict(self.simulation.secrets))).json()
        self.http.headers["X-Session-Token"] = answer["data"]["token"]

    async def post(self, path: str, index: int = 1, size: int = 50, **wanted: Any) -> Any:
        body = {"page": {"index": index, "size": size}, "filter": wanted}
        return (await self.http.post(f"/api/{path}", json=body)).json()


class Yuzhong:
    """Holds a token and follows links."""

    def __init__(self, app: Starlette) -> None:
        self.http, self.simulation = client(app), simulation(app)

    async def authorize(self) -> None:
        secrets = self.simulation.secrets
        answer = await self.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(secrets["clientId"], secrets["clientSecret"]),
        )
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def pages(self, url: str) -> list[list[Any]]:
        found = []
        following: str | None = url
        while following:
            answer = await self.http.get(following)
            assert answer.status_code == 200, answer.text
            found.append(answer.json()["items"])
            following = answer.links.get("next", {}).get("url")
        return found
