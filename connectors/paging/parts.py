"""Paging by an index file that lists part files."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urljoin

from pydantic import Field

from connectors.errors import Malformed, PagingError
from connectors.extraction import JmesPath, compile_expression
from connectors.paging.model import Totalled
from connectors.paging.steps import Answer, Pager, Step, follow
from connectors.paging.totals import whole_number


class PartsPaging(Totalled):
    """`kind: parts`: the request asks for an index file that lists the addresses of the part files.

    `urls` finds an array, or text with the addresses between `separator`s.
    """

    kind: Literal["parts"]
    urls: JmesPath = "urls"
    separator: Annotated[str, Field(min_length=1)] = ","

    def pager(self) -> Pager:
        """A pager that asks for every part."""
        return PartsPager(self)


class PartsPager:
    """Asks for the index, then for every part in its order.

    A checkpoint names the next part and the index it belongs to. When the index has changed since, its parts may be cut
    differently, and the listing starts again with the first.
    """

    def __init__(self, spec: PartsPaging) -> None:
        self._urls = compile_expression(spec.urls)
        self._separator = spec.separator
        self._total = spec.total_expression
        self._parts: Sequence[Step] = ()
        self._expected: int | None = None

    def start(self, position: Mapping[str, str | int] | None) -> Step:
        """The index; the parts are known only after it."""
        return Step(index=True, position=dict(position or {}))

    def after(self, step: Step, answer: Answer) -> Step | None:
        """The part after this step."""
        if not step.index:
            return follow(self._parts, int(step.position["part"]) + 1)
        urls = [urljoin(answer.url, url) for url in self._listed(answer.body)]
        if len(set(urls)) < len(urls):
            raise PagingError("the index lists a part file twice")
        index = hashlib.sha256("\n".join(urls).encode()).hexdigest()[:16]
        self._parts = [Step(url=url, position={"index": index, "part": number}) for number, url in enumerate(urls)]
        self._expected = whole_number(self._total(answer.body)) if self._total else None
        resumed = step.position.get("index") == index
        return follow(self._parts, int(step.position["part"]) if resumed else 0)

    def expected(self, answer: Answer) -> int | None:
        """The total the index states."""
        del answer
        return self._expected

    def _listed(self, body: Any) -> list[str]:
        found = self._urls(body)
        if isinstance(found, str):
            found = found.split(self._separator)
        if not isinstance(found, list) or not all(isinstance(url, str) for url in found):
            raise Malformed("the index file holds no list of part files where the manifest looks for it")
        return [url.strip() for url in found if url.strip()]
