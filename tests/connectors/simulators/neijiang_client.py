"""A client of the simulated 内江: it asks for verbs, follows tokens and reads XML."""

from typing import Any

import httpx
from lxml import etree

from connectors.simulators.neijiang.app import SIMULATOR, build
from connectors.simulators.neijiang.repository import Habits
from tests.connectors.simulators.clients import Clock, simulation

NAMES = {
    "o": "http://www.openarchives.org/OAI/2.0/",
    "lom": "http://ltsc.ieee.org/xsd/LOM",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
PACKAGE = "oai:njeducloud.example:NJ-000075"
DELETED = "oai:njeducloud.example:NJ-000017"


class Neijiang:
    """Asks for verbs and reads XML."""

    def __init__(self, clock: Clock | None = None, habits: Habits | None = None, size: int | None = None) -> None:
        self.app = build(size=size, now=clock or Clock(), habits=habits)
        self.simulation = simulation(self.app)
        transport = httpx.ASGITransport(app=self.app)
        self.http = httpx.AsyncClient(transport=transport, base_url=SIMULATOR.origins[0])

    async def ask(self, query: str) -> etree._Element:
        answer = await self.http.get(f"/oai?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
        return etree.fromstring(answer.content)

    async def error(self, query: str) -> str | None:
        found = (await self.ask(query)).xpath("string(o:error/@code)", namespaces=NAMES)
        return str(found) or None

    async def pages(self, verb: str, query: str = "metadataPrefix=oai_lom") -> list[etree._Element]:
        found = []
        while query:
            found.append(await self.ask(f"verb={verb}&{query}"))
            token = texts(found[-1], "//o:resumptionToken")
            query = f"resumptionToken={token[0]}" if token and token[0] else ""
        return found

    async def ids(self, verb: str, query: str = "metadataPrefix=oai_lom") -> list[str]:
        pages = await self.pages(verb, query)
        return [text for page in pages for text in texts(page, "//o:header/o:identifier")]


def texts(tree: etree._Element, path: str) -> list[str]:
    """The text of every element on the path."""
    found: Any = tree.xpath(path, namespaces=NAMES)
    return [entry if isinstance(entry, str) else (entry.text or "") for entry in found]
