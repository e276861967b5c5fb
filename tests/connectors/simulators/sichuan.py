"""A client of the simulated 四川云教: sends its key and walks connections."""

from typing import Any

import httpx

from connectors.simulators.sichuan.app import SIMULATOR
from tests.connectors.simulators.clients import Clock, simulation

FILES = "{id title url mediaType size md5 lessonId}"
LESSON = f"""
fragment Whole on Lesson {{
  id title kind stage modes grade subject {{code name}} edition volume summary tags
  anchorSchool {{id name region {{code name}}}} alliance {{id name}} teachers {{name role school}}
  startsAt endsAt durationSeconds materials {{before {FILES} during {FILES} after {FILES}}} links {{relation id}}
  audienceRegions {{code name}} program url status playCount createdAt updatedAt
}}
"""
LESSONS = (
    """
query ($first: Int, $after: String, $filter: LessonFilter, $orderBy: LessonOrder) {
  lessons(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    totalCount pageInfo {hasNextPage endCursor} edges {cursor node {...Whole}}
  }
}
"""
    + LESSON
)
TRAINING = """
query ($first: Int, $after: String, $updatedAfter: DateTime) {
  trainingRecords(first: $first, after: $after, updatedAfter: $updatedAfter) {
    totalCount pageInfo {hasNextPage endCursor}
    edges {node {
      id teacherId activity {id name kind level program} form role school {id name region {code}} alliance {id name}
      startsAt endsAt quantity unit recognition result status version updatedAt
    }}
  }
}
"""


class Sichuan:
    """Sends the key and walks connections."""

    def __init__(self, clock: Clock | None = None, size: int | None = None, seed: int = 2026) -> None:
        app = SIMULATOR.build(seed, size, now=clock or Clock(), control=True)
        self.simulation = simulation(app)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SIMULATOR.origins[0])
        self.http.headers["Authorization"] = f"Bearer {SIMULATOR.secrets['token']}"

    async def ask(self, query: str, **variables: Any) -> Any:
        """The whole answer."""
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        return answer.json()

    async def get(self, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def code(self, query: str, **variables: Any) -> tuple[str, Any]:
        """The code and path of the only error."""
        (error,) = (await self.ask(query, **variables))["errors"]
        return error["extensions"]["code"], error.get("path")

    def records(self) -> list[Any]:
        """What the connection gives, without asking; a test compares the two."""
        catalog = self.simulation.catalog
        return [catalog.record(ordinal) for ordinal in catalog.ordinals()]

    async def pages(self, query: str, field: str, **variables: Any) -> list[list[Any]]:
        """Nodes by page; errors beside data are left to other tests."""
        found, after = [], None
        while True:
            page = (await self.ask(query, after=after, **variables))["data"][field]
            found.append([edge["node"] for edge in page["edges"]])
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    async def lessons(self, **variables: Any) -> list[Any]:
        """Every lesson the connection gives."""
        return [node for page in await self.pages(LESSONS, "lessons", first=100, **variables) for node in page]

    async def training(self, **variables: Any) -> list[Any]:
        """Every training record the connection gives."""
        pages = await self.pages(TRAINING, "trainingRecords", first=100, **variables)
        return [node for page in pages for node in page]
