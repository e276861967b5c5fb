"""童谣馆, an invented platform: the key of its list changes with every page, which no manifest can say."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from connectors.context import ConnectorContext
from connectors.errors import Malformed, PagingError, UpstreamFailure
from connectors.records import Accepted, HarvestPage, HarvestRequest, Rejected
from connectors.transport import Limits, Request
from schema.platforms import Capability, PlatformDescription
from schema.resources import ResourceRecord
from schema.validation import validate

HOME = "https://api.rhymes.example"


class Rhymes:
    """Reads `GET /lessons/<page>`, `{"next": 2, "page-1": [{"no": 1, "name": "…"}]}`, until `next` is null."""

    platform = PlatformDescription(code="rhymes", name="童谣馆", region="500000", simulated=True)
    version = 1
    capabilities = frozenset({Capability.HARVEST})
    origins = (HOME,)
    limits = Limits(requests_per_second=5)
    freshness = timedelta(days=1)
    secret_names = frozenset({"rhymesKey"})

    async def harvest(self, context: ConnectorContext, request: HarvestRequest) -> AsyncIterator[HarvestPage]:
        """Yield a page for every page of the platform; the number of the next one is the checkpoint."""
        number = int((request.checkpoint or {}).get("page", 1))
        while True:
            body = await self._ask(context, number)
            results = [_mapped(entry) for entry in body[f"page-{number}"]]
            following = body.get("next")
            yield HarvestPage(
                accepted=tuple(one for one in results if isinstance(one, Accepted)),
                rejected=tuple(one for one in results if isinstance(one, Rejected)),
                checkpoint={"page": following or number},
            )
            if following is None:
                return
            if not isinstance(following, int) or following <= number:
                raise PagingError(f"page {number} leads back to {following!r}")
            number = following

    async def _ask(self, context: ConnectorContext, number: int) -> dict[str, Any]:
        headers = {"X-Api-Key": context.secrets["rhymesKey"]}
        response = await context.transport.send(Request("GET", f"{HOME}/lessons/{number}", headers))
        if response.status != 200:
            raise UpstreamFailure(f"page {number} was answered with HTTP {response.status}")
        try:
            body: dict[str, Any] = json.loads(response.body)
            return {"next": body["next"], f"page-{number}": list(body[f"page-{number}"])}
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed(f"page {number} is not the JSON that was due") from error


def _mapped(entry: Any) -> Accepted | Rejected:
    raw = json.dumps(entry, ensure_ascii=False, sort_keys=True)
    named = entry if isinstance(entry, dict) else {}
    number = named.get("no")
    native_id = None if number is None else str(number)
    record = validate(ResourceRecord, {"nativeId": native_id, "title": named.get("name"), "kind": "LESSON"})
    if isinstance(record, ResourceRecord):
        return Accepted(record, hashlib.sha256(raw.encode()).hexdigest())
    return Rejected(native_id, tuple(record), raw)
