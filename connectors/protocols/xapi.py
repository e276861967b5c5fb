"""The `xapi` protocol: statements of a learning record store, in the order in which they were stored."""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC
from typing import Any, Literal

from pydantic import Field

from connectors.errors import Malformed
from connectors.paging import Answer, Step
from connectors.paging.cursors import NextUrlPaging
from connectors.paging.model import Caps
from connectors.protocols.guards import CapGuard, OriginGuard, RepetitionGuard
from connectors.protocols.listing import Listing, RawPage, Upstream, Walk
from connectors.protocols.readers import JSON
from connectors.protocols.requests import UrlPath
from connectors.transport import Request
from connectors.transport.urls import with_query

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
END: Mapping[str, int] = {"end": 1}
"""The checkpoint after the last page."""


class XapiListing(Listing):
    """Reads statements oldest first, filtered by when they were stored, which is never before they happened.

    A voiding statement is no record: it deletes the one it names.
    """

    protocol: Literal["xapi"]
    path: UrlPath = "/xapi/statements"
    xapi_version: str = Field("1.0.3", pattern=r"^[12]\.0(\.\d+)?$")
    limit: int = Field(0, ge=0, le=100_000)
    activity: str | None = None
    caps: Caps = Caps()

    @property
    def tells_changes(self) -> bool:
        """By `since`."""
        return True

    @property
    def tells_deletions(self) -> bool:
        """By voiding."""
        return True

    async def pages(self, upstream: Upstream, walk: Walk) -> AsyncGenerator[RawPage, None]:
        """Yield pages until `more` is empty; what is stored meanwhile comes with the next walk."""
        pager = NextUrlPaging(kind="nextUrl", next="more").pager()
        caps, repetition, origins = CapGuard(self.caps), RepetitionGuard(), OriginGuard(upstream.origins)
        step: Step | None = None if walk.checkpoint == END else pager.start(walk.checkpoint or None)
        while step is not None:
            caps.before_request()
            repetition.step(step)
            url = step.url or self._first(upstream.origin, walk)
            origins.check(url)
            headers = {"accept": JSON.accept, "x-experience-api-version": self.xapi_version}
            response, body = await upstream.exchange.ask(Request("GET", url, headers, timeout=upstream.timeout))
            caps.after_answer(len(response.body))
            statements = body.get("statements") if isinstance(body, dict) else None
            if not isinstance(statements, list):
                raise Malformed("the answer holds no list at 'statements': it is no answer of a statement store")
            repetition.page(statements)
            following = pager.after(step, Answer(body, response.headers, response.url, len(statements)))
            yield RawPage(
                [statement for statement in statements if _verb(statement) != VOIDED],
                following.position if following else END,
                gone=[{"id": statement["object"]["id"]} for statement in statements if _names_another(statement)],
            )
            step = following

    def _first(self, origin: str, walk: Walk) -> str:
        asked = {"ascending": "true"}
        if self.limit:
            asked["limit"] = str(self.limit)
        if self.activity:
            asked["activity"] = self.activity
        if walk.since is not None:
            asked["since"] = walk.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return with_query(origin + self.path, asked)


def _verb(statement: Any) -> Any:
    verb = statement.get("verb") if isinstance(statement, dict) else None
    return verb.get("id") if isinstance(verb, dict) else None


def _names_another(statement: Any) -> bool:
    """Whether it voids another statement that it names."""
    if _verb(statement) != VOIDED:
        return False
    target = statement.get("object")
    return isinstance(target, dict) and isinstance(target.get("id"), str)
