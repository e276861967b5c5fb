"""What the ways of paging share: caps, totals, sizes, and the one that does not page at all."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from connectors.extraction import Expression, JmesPath, compile_expression
from connectors.paging.single import SinglePager
from connectors.paging.steps import Pager
from schema.records import Record

PageSize = Annotated[int, Field(ge=1, le=100_000)]


class Caps(Record):
    """How far a listing may go at most; reaching a cap ends the run with `PagingError`."""

    max_pages: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    max_bytes: Annotated[int, Field(ge=1, le=64 * 1024**3)] = 8 * 1024**3
    max_seconds: Annotated[float, Field(gt=0, le=86_400)] = 6 * 3600.0


class Paging(Caps, ABC):
    """Base of the `paging:` kinds of a manifest.

    A kind is a module of this package with a subclass whose `kind` is a `Literal`.
    """

    @abstractmethod
    def pager(self) -> Pager:
        """A pager of the whole listing; one pager walks one listing once."""

    def at_most(self, records: int | None) -> Self:
        """The same way of paging for somebody who wants only so many records a page; None is as many as there are.

        Nothing changes where the page size is not asked for: then the platform alone knows it.
        """
        del records
        return self

    def between(self, since: datetime | None, until: datetime | None) -> Pager:
        """A pager of what happened between two instants, where the kind walks through time; else of everything."""
        del since, until
        return self.pager()


class Totalled(Paging):
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

    def at_most(self, records: int | None) -> Self:
        """With a smaller size, which every request of the listing then asks for."""
        if records is None or self.size_parameter is None or self.size is None or records >= self.size:
            return self
        return self.model_copy(update={"size": records})

    @property
    def fixed(self) -> dict[str, int]:
        """The parameter that asks for the size."""
        return {self.size_parameter: self.size} if self.size_parameter and self.size else {}


class NoPaging(Paging):
    """`kind: none`: one answer holds everything."""

    kind: Literal["none"]

    def pager(self) -> Pager:
        """A pager of one step."""
        return SinglePager()
