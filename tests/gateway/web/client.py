"""The web over the small world of the graph tests, spoken to in process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from gateway.access.authentication import Credentials
from gateway.graph.context import GraphContext
from gateway.web import Authenticator, Check, Rules, build_routes
from tests.gateway.graph.world import World

KEY = "correct-horse-battery"


def application(
    world: World,
    checks: dict[str, Check] | None = None,
    key: str | None = KEY,
    authenticator: Authenticator | None = None,
    rules: Rules | None = None,
) -> Starlette:
    """The routes with this world behind them; without an authenticator only the administrator's key is known."""
    authenticator = authenticator or Authenticator(Credentials(key))
    return Starlette(
        routes=build_routes(
            world.executor,
            lambda _request, principal, identifier: GraphContext(world.services, principal, identifier),
            lambda _request: authenticator,
            checks or {},
            rules,
        )
    )


@asynccontextmanager
async def client_of(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client that reaches the application without a socket."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def send(method: str, path: str, world: World | None = None, **options: Any) -> httpx.Response:
    """One request to a fresh application."""
    async with client_of(application(world or World())) as client:
        return await client.request(method, path, **options)


async def post(query: str, world: World | None = None, **headers: str) -> httpx.Response:
    """One query by POST."""
    return await send("POST", "/graphql", world, json={"query": query}, headers=headers)


def code_of(response: httpx.Response) -> str:
    """The code of a response's one error; its trace id must be the request id."""
    (error,) = response.json()["errors"]
    assert error["extensions"]["traceId"] == response.headers["x-request-id"]
    code: str = error["extensions"]["code"]
    return code
