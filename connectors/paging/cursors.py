"""Paging by what the platform hands out: tokens and addresses, opaque to us."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urljoin

from pydantic import Field, model_validator

from connectors.errors import PagingError
from connectors.extraction import JmesPath, compile_expression, truthy
from connectors.paging.model import Sized
from connectors.paging.steps import Answer, Pager, Step
from connectors.paging.totals import whole_number

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))*)")
_PARAMETER = re.compile(r";\s*([^\s=;,]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))")


class CursorPaging(Sized):
    """`kind: cursor`: a token, sent back as a parameter; null, missing or empty ends the listing.

    `next` finds it in the body, `header` names the answer's header that holds it. Where the last page has one too,
    `more` finds what is true as long as pages follow.
    """

    kind: Literal["cursor"]
    parameter: str = "cursor"
    next: JmesPath | None = None
    header: Annotated[str, Field(min_length=1)] | None = None
    more: JmesPath | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.next is None) == (self.header is None):
            raise ValueError("the token stands in the body (next) or in a header (header), exactly one of them")
        return self

    def pager(self) -> Pager:
        """A pager that sends tokens back."""
        return CursorPager(self)


class NextUrlPaging(Sized):
    """`kind: nextUrl`: the address of the next page in the body, absolute or relative; null, missing or empty ends."""

    kind: Literal["nextUrl"]
    next: JmesPath = "next"

    def pager(self) -> Pager:
        """A pager that follows addresses in bodies."""
        return NextUrlPager(self)


class LinkPaging(Sized):
    """`kind: link`: the address of the next page in the `Link` header (RFC 8288); no such link ends the listing."""

    kind: Literal["link"]
    rel: str = "next"

    def pager(self) -> Pager:
        """A pager that follows `Link` headers."""
        return LinkPager(self)


class CursorPager:
    """Sends the token of each answer back as a parameter."""

    def __init__(self, spec: CursorPaging) -> None:
        self._spec = spec
        self._token = compile_expression(spec.next) if spec.next else None
        self._more = compile_expression(spec.more) if spec.more else None
        self._total = spec.total_expression

    def start(self, position: Mapping[str, str | int] | None) -> Step:
        """The first page without a token, or the page of a checkpoint's token."""
        return self._step(position["token"]) if position and "token" in position else Step(self._spec.fixed)

    def after(self, step: Step, answer: Answer) -> Step | None:
        """The page of the answer's token; no token ends the listing."""
        if self._more is not None and not truthy(self._more(answer.body)):
            return None
        token = self._token(answer.body) if self._token else answer.headers.get((self._spec.header or "").lower())
        if _nothing(token):
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
        return Step({**self._spec.fixed, self._spec.parameter: token}, position={"token": token})


class _AddressPager(ABC):
    """Follows an address from page to page; the subclass says where it stands."""

    def __init__(self, spec: Sized) -> None:
        self._fixed = spec.fixed
        self._total = spec.total_expression

    def start(self, position: Mapping[str, str | int] | None) -> Step:
        """The listing's own request, or the address of a checkpoint."""
        return self._step(str(position["url"])) if position and "url" in position else Step(self._fixed)

    def after(self, step: Step, answer: Answer) -> Step | None:
        """The page at the next address; no address ends the listing."""
        found = self._next(answer)
        if _nothing(found):
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

    def __init__(self, spec: NextUrlPaging) -> None:
        super().__init__(spec)
        self._address = compile_expression(spec.next)

    def _next(self, answer: Answer) -> Any:
        return self._address(answer.body)


class LinkPager(_AddressPager):
    """The next address stands in the `Link` header."""

    def __init__(self, spec: LinkPaging) -> None:
        super().__init__(spec)
        self._rel = spec.rel

    def _next(self, answer: Answer) -> str | None:
        return linked(answer.headers.get("link", ""), self._rel)


def linked(header: str, rel: str) -> str | None:
    """The target of the first link with this relation in a `Link` header (RFC 8288), None when there is none."""
    for target, parameters in _LINK.findall(header):
        for name, quoted, plain in _PARAMETER.findall(parameters):
            if name.lower() == "rel" and rel.lower() in (quoted or plain).lower().split():
                return str(target)
    return None


def _nothing(found: Any) -> bool:
    """Null, missing, empty, or false as some platforms write it."""
    return found is None or found is False or found == ""


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", bool: "true or false"}.get(type(value), "a number")
