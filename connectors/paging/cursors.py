"""Paging by what the platform hands out: tokens and addresses, opaque to us."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from connectors.errors import PagingError
from connectors.extraction import Expression
from connectors.paging.steps import Answer, Step
from connectors.paging.totals import whole_number

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))*)")
_PARAMETER = re.compile(r";\s*([^\s=;,]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))")


class CursorPager:
    """Sends the token of each answer back as a parameter."""

    def __init__(
        self, parameter: str, token: Expression, *, fixed: Mapping[str, int], total: Expression | None
    ) -> None:
        self._parameter = parameter
        self._token = token
        self._fixed = dict(fixed)
        self._total = total

    def start(self, position: Mapping[str, str | int] | None) -> Step:
        """The first page without a token, or the page of a checkpoint's token."""
        return self._step(position["token"]) if position and "token" in position else Step(self._fixed)

    def after(self, step: Step, answer: Answer) -> Step | None:
        """The page of the answer's token; no token ends the listing."""
        token = self._token(answer.body)
        if token is None or token == "":
            return None
        if isinstance(token, bool) or not isinstance(token, str | int):
            raise PagingError(f"the token of the next page is neither text nor a number but {_kind(token)}")
        if token == step.position.get("token"):
            raise PagingError("the token of the next page is the one that was just sent")
        return self._step(token)

    def expected(self, answer: Answer) -> int | None:
        """The total as the platform states it."""
        return whole_number(self._total(answer.body)) if self._total else None

    def _step(self, token: str | int) -> Step:
        return Step({**self._fixed, self._parameter: token}, position={"token": token})


class _AddressPager(ABC):
    """Follows an address from page to page; the subclass says where it stands."""

    def __init__(self, *, fixed: Mapping[str, int], total: Expression | None) -> None:
        self._fixed = dict(fixed)
        self._total = total

    def start(self, position: Mapping[str, str | int] | None) -> Step:
        """The listing's own request, or the address of a checkpoint."""
        return self._step(str(position["url"])) if position and "url" in position else Step(self._fixed)

    def after(self, step: Step, answer: Answer) -> Step | None:
        """The page at the next address; no address ends the listing."""
        found = self._next(answer)
        if found is None or found == "":
            return None
        if not isinstance(found, str):
            raise PagingError(f"the address of the next page is not text but {_kind(found)}")
        url = urljoin(answer.url, found)
        if url in (step.url, answer.url):
            raise PagingError("the next page is the page that was just read")
        return self._step(url)

    def expected(self, answer: Answer) -> int | None:
        """The total as the platform states it."""
        return whole_number(self._total(answer.body)) if self._total else None

    @abstractmethod
    def _next(self, answer: Answer) -> Any:
        """The next address as this page tells it; absent or empty ends the listing."""

    @staticmethod
    def _step(url: str) -> Step:
        return Step(url=url, position={"url": url})


class NextUrlPager(_AddressPager):
    """The next address stands in the body."""

    def __init__(self, address: Expression, *, fixed: Mapping[str, int], total: Expression | None) -> None:
        super().__init__(fixed=fixed, total=total)
        self._address = address

    def _next(self, answer: Answer) -> Any:
        return self._address(answer.body)


class LinkPager(_AddressPager):
    """The next address stands in the `Link` header."""

    def __init__(self, rel: str, *, fixed: Mapping[str, int], total: Expression | None) -> None:
        super().__init__(fixed=fixed, total=total)
        self._rel = rel

    def _next(self, answer: Answer) -> str | None:
        return linked(answer.headers.get("link", ""), self._rel)


def linked(header: str, rel: str) -> str | None:
    """The target of the first link with this relation in a `Link` header (RFC 8288), None when there is none."""
    for target, parameters in _LINK.findall(header):
        for name, quoted, plain in _PARAMETER.findall(parameters):
            if name.lower() == "rel" and rel.lower() in (quoted or plain).lower().split():
                return str(target)
    return None


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", bool: "true or false"}.get(type(value), "a number")
