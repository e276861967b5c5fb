"""The same search as one would write it first: Strawberry, its own view, one shared httpx client, five calls.

Its path is `/graphql/`. `uvicorn benchmarks.fanout.naive:app` with `UPSTREAMS`, the ports of the platforms, separated
by commas.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import strawberry
from starlette.applications import Starlette
from starlette.routing import Mount
from strawberry.asgi import GraphQL

from benchmarks.fanout.upstreams import NAMES

PORTS = [int(port) for port in os.environ.get("UPSTREAMS", "").split(",") if port]


@strawberry.type
class Organization:
    """A school."""

    name: str


@strawberry.type
class Contributor:
    """A teacher."""

    name: str
    organization: Organization | None


@strawberry.type
class Platform:
    """Where it comes from."""

    code: str
    name: str


@strawberry.type
class Resource:
    """One record."""

    id: strawberry.ID
    title: str
    summary: str | None
    kind: str
    language: str | None
    url: str | None
    thumbnail_url: str | None
    published_at: str | None
    updated_at: str | None
    duration_seconds: int | None
    platform: Platform
    provider: Organization | None
    contributors: list[Contributor]


@strawberry.type
class SearchEdge:
    """One result."""

    cursor: str
    node: Resource


@strawberry.type
class SearchConnection:
    """One page."""

    total_count: int
    edges: list[SearchEdge]


def resource(name: str, row: dict[str, Any]) -> Resource:
    """The record of a row."""
    school = Organization(name=row["school"])
    return Resource(
        id=strawberry.ID(row["id"]),
        title=row["title"],
        summary=row["summary"],
        kind="LESSON",
        language=row["language"],
        url=row["url"],
        thumbnail_url=row["cover"],
        published_at=row["createdAt"],
        updated_at=row["updatedAt"],
        duration_seconds=row["seconds"],
        platform=Platform(code=name, name=name),
        provider=school,
        contributors=[Contributor(name=row["teacher"], organization=school)],
    )


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    async def search(self, query: str, first: int = 20) -> SearchConnection:
        """Ask all five, take the best."""

        async def ask(name: str, port: int) -> tuple[str, dict[str, Any]]:
            answer = await CLIENTS[0].get(f"http://127.0.0.1:{port}/search", params={"q": query, "size": 20})
            return name, answer.json()

        answers = await asyncio.gather(*map(ask, NAMES, PORTS))
        found = [(place, name, row) for name, page in answers for place, row in enumerate(page["items"])]
        best = sorted(found, key=lambda one: one[:2])[:first]
        edges = [SearchEdge(cursor=str(place), node=resource(name, row)) for place, name, row in best]
        return SearchConnection(total_count=sum(page["total"] for _, page in answers), edges=edges)


CLIENTS: list[httpx.AsyncClient] = []


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    """Open the client."""
    async with httpx.AsyncClient(timeout=10) as client:
        CLIENTS.append(client)
        yield


view: GraphQL[None, None] = GraphQL(strawberry.Schema(query=Query))
app = Starlette(routes=[Mount("/graphql", view)], lifespan=lifespan)
