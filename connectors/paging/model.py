"""The `paging:` of a manifest: one record per way of paging, each building its own pager."""

from typing import Annotated, Literal

from pydantic import Field

from connectors.extraction import Expression, JmesPath, compile_expression
from connectors.paging.counted import CountedPager
from connectors.paging.cursors import CursorPager, LinkPager, NextUrlPager
from connectors.paging.parts import PartsPager
from connectors.paging.single import SinglePager
from connectors.paging.steps import Pager
from schema.records import Record

PageSize = Annotated[int, Field(ge=1, le=100_000)]


class Caps(Record):
    """How far a listing may go at most; reaching a cap ends the run with `PagingError`."""

    max_pages: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    max_bytes: Annotated[int, Field(ge=1)] = 8 * 1024**3
    max_seconds: Annotated[float, Field(gt=0)] = 6 * 3600.0


class Totalled(Caps):
    """Paging whose answers may say how many records the whole listing holds."""

    total: JmesPath | None = None

    @property
    def total_expression(self) -> Expression | None:
        """`total`, compiled."""
        return compile_expression(self.total) if self.total else None


class Sized(Totalled):
    """Paging that may ask for a page size."""

    size_parameter: str | None = None
    size: PageSize | None = None

    @property
    def fixed(self) -> dict[str, int]:
        """The parameter that asks for the size."""
        return {self.size_parameter: self.size} if self.size_parameter and self.size else {}


class NoPaging(Caps):
    """`kind: none`: one answer holds everything."""

    kind: Literal["none"]

    def pager(self) -> Pager:
        """A pager of one step."""
        return SinglePager()


class PagePaging(Totalled):
    """`kind: page`: a page number that counts up from `first`."""

    kind: Literal["page"]
    parameter: str = "page"
    first: Annotated[int, Field(ge=0)] = 1
    size_parameter: str | None = None
    size: PageSize
    until: Literal["short", "empty"] = "short"

    def pager(self) -> Pager:
        """A pager that counts pages."""
        return CountedPager(
            self.parameter,
            self.first,
            1,
            size=self.size,
            size_parameter=self.size_parameter,
            total=self.total_expression,
            until_empty=self.until == "empty",
        )


class OffsetPaging(Totalled):
    """`kind: offset`: the number of records to pass over, counted up by the page size."""

    kind: Literal["offset"]
    parameter: str = "offset"
    first: Annotated[int, Field(ge=0)] = 0
    size_parameter: str | None = None
    size: PageSize
    until: Literal["short", "empty"] = "short"

    def pager(self) -> Pager:
        """A pager that counts records."""
        return CountedPager(
            self.parameter,
            self.first,
            self.size,
            size=self.size,
            size_parameter=self.size_parameter,
            total=self.total_expression,
            until_empty=self.until == "empty",
        )


class CursorPaging(Sized):
    """`kind: cursor`: a token in the body, sent back as a parameter; null, missing or empty ends the listing."""

    kind: Literal["cursor"]
    parameter: str = "cursor"
    next: JmesPath

    def pager(self) -> Pager:
        """A pager that sends tokens back."""
        return CursorPager(
            self.parameter,
            compile_expression(self.next),
            fixed=self.fixed,
            total=self.total_expression,
        )


class NextUrlPaging(Sized):
    """`kind: nextUrl`: the address of the next page in the body, absolute or relative; null, missing or empty ends."""

    kind: Literal["nextUrl"]
    next: JmesPath = "next"

    def pager(self) -> Pager:
        """A pager that follows addresses in bodies."""
        return NextUrlPager(
            compile_expression(self.next),
            fixed=self.fixed,
            total=self.total_expression,
        )


class LinkPaging(Sized):
    """`kind: link`: the address of the next page in the `Link` header (RFC 8288); no such link ends the listing."""

    kind: Literal["link"]
    rel: str = "next"

    def pager(self) -> Pager:
        """A pager that follows `Link` headers."""
        return LinkPager(
            self.rel,
            fixed=self.fixed,
            total=self.total_expression,
        )


class PartsPaging(Totalled):
    """`kind: parts`: the request asks for an index file that lists the addresses of the part files.

    `urls` finds an array, or text with the addresses between `separator`s.
    """

    kind: Literal["parts"]
    urls: JmesPath = "urls"
    separator: Annotated[str, Field(min_length=1)] = ","

    def pager(self) -> Pager:
        """A pager that asks for every part."""
        return PartsPager(
            compile_expression(self.urls),
            self.separator,
            total=self.total_expression,
        )


PagingSpec = Annotated[
    NoPaging | PagePaging | OffsetPaging | CursorPaging | NextUrlPaging | LinkPaging | PartsPaging,
    Field(discriminator="kind"),
]
"""Any way of paging, told apart by `kind`."""
