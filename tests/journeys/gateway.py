"""A whole gateway in a test: the real application over a real database, asked through GraphQL."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from gateway.application import Services, create_app, open_services
from gateway.harvesting import HarvestKind, HarvestRun
from gateway.registry import SecretStore
from gateway.settings import Settings


def settings_for(directory: Path, reroutes: Mapping[str, str], **more: Any) -> Settings:
    """Settings of an embedded gateway in a directory of its own."""
    # journeys ask as fast as they can
    chosen: dict[str, Any] = {"anonymous_requests": 0, "anonymous_cost": 0, **more}
    return Settings(data_dir=directory, reroutes=dict(reroutes), **chosen)


async def harvest(services: Services, code: str, kind: HarvestKind = HarvestKind.FULL) -> HarvestRun:
    """Harvest one platform through its manifest."""
    entry = services.registry.connectors[code]
    async with services.connector_context(entry) as context:
        return await services.harvesting.run(entry.connector, context, kind=kind)


async def harvest_once(settings: Settings, secrets: SecretStore, *codes: str) -> list[HarvestRun]:
    """Harvest platforms as the command does, in services of their own."""
    async with open_services(settings, secrets) as services:
        return [await harvest(services, code) for code in codes]


class Client:
    """Asks one gateway."""

    def __init__(self, http: httpx.AsyncClient, services: Services) -> None:
        self.http = http
        self.services = services

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Data of an answer without errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        response = await self.http.post("/graphql", json={"query": query, "variables": variables})
        answer: dict[str, Any] = response.json()
        return answer


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Client]:
    """The application between its start and its end."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.example") as http:
            yield Client(http, app.state.services)
