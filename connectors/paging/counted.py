"""Paging by numbers: pages or offsets that count up until a page is short or empty."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field

from connectors.extraction import Expression
from connectors.paging.model import PageSize, Totalled
from connectors.paging.steps import Answer, Pager, Step
from connectors.paging.totals import whole_number


class Counted(Totalled):
    """What pages and offsets have in common."""

    size_parameter: str | None = None
    size: PageSize
    until: Literal["short", "empty"] = "short"

    def at_most(self, records: int | None) -> Self:
        """With a smaller size, which every request of the listing asks for and by which its last page is known."""
        if records is None or self.size_parameter is None or records >= self.size:
            return self
        return self.model_copy(update={"size": records})


class PagePaging(Counted):
    """`kind: page`: a page number that counts up from `first`."""

    kind: Literal["page"]
    parameter: str = "page"
    first: Annotated[int, Field(ge=0)] = 1

    def pager(self) -> Pager:
        """A pager that counts pages."""
        return CountedPager(self, self.parameter, self.first, by_records=False)


class OffsetPaging(Counted):
    """`kind: offset`: the number of records to pass over, counted up by the records that came."""

    kind: Literal["offset"]
    parameter: str = "offset"
    first: Annotated[int, Field(ge=0)] = 0

    def pager(self) -> Pager:
        """A pager that counts records."""
        return CountedPager(self, self.parameter, self.first, by_records=True)


class CountedPager:
    """Adds to a parameter for every page: 1, or (`by_records`) as many records as came.

    A total ends nothing by itself, because it can be wrong in both directions: a listing ends with a page that holds
    fewer records than `size` (where the platform keeps to the size it was asked for) or none at all. A short page ends
    it only when the total, if there is one, does not promise more than came so far; so a platform that delivers
    smaller pages than it was asked for loses nothing.
    """

    def __init__(self, spec: Counted, parameter: str, first: int, *, by_records: bool) -> None:
        self._parameter = parameter
        self._first = first
        self._by_records = by_records
        self._size = spec.size
        self._fixed: dict[str, str | int] = {spec.size_parameter: spec.size} if spec.size_parameter else {}
        self._total: Expression | None = spec.total_expression
        self._until_empty = spec.until == "empty"

    def start(self, position: Mapping[str, str | int] | None) -> Step:
        """The first page, or the one a checkpoint names."""
        number = position.get("number") if position else None
        if position is None or not isinstance(number, int):
            return self._step(self._first, 0)
        read = position.get("read")
        before = number - self._first
        return self._step(number, read if isinstance(read, int) else before * (1 if self._by_records else self._size))

    def after(self, step: Step, answer: Answer) -> Step | None:
        """The next number, None after an empty or last page."""
        if answer.records == 0:
            return None
        read = int(step.position["read"]) + answer.records
        if answer.records < self._size and not self._until_empty:
            total = self.expected(answer)
            if total is None or total <= read:
                return None
        return self._step(int(step.position["number"]) + (answer.records if self._by_records else 1), read)

    def expected(self, answer: Answer) -> int | None:
        """The total as the platform states it."""
        return whole_number(self._total(answer.body)) if self._total else None

    def _step(self, number: int, read: int) -> Step:
        return Step({**self._fixed, self._parameter: number}, position={"number": number, "read": read})
