"""Paging by numbers: pages or offsets that count up until a page is short or empty."""

from collections.abc import Mapping

from connectors.extraction import Expression
from connectors.paging.steps import Answer, Step
from connectors.paging.totals import whole_number


class CountedPager:
    """Adds `stride` to a parameter for every page.

    A total ends nothing by itself, because it can be wrong in both directions: a listing ends with a page that holds
    fewer records than `size` (where the platform keeps to the size it was asked for) or none at all. A short page ends
    it only when the total, if there is one, does not promise more.
    """

    def __init__(
        self,
        parameter: str,
        first: int,
        stride: int,
        *,
        size: int,
        size_parameter: str | None,
        total: Expression | None,
        until_empty: bool,
    ) -> None:
        self._parameter = parameter
        self._first = first
        self._stride = stride
        self._size = size
        self._fixed: dict[str, str | int] = {size_parameter: size} if size_parameter else {}
        self._total = total
        self._until_empty = until_empty

    def start(self, position: Mapping[str, str | int] | None) -> Step:
        """The first page, or the one a checkpoint names."""
        number = position.get("number") if position else None
        return self._step(number if isinstance(number, int) else self._first)

    def after(self, step: Step, answer: Answer) -> Step | None:
        """The next number, None after an empty or last page."""
        number = int(step.position["number"])
        if answer.records == 0:
            return None
        if answer.records < self._size and not self._until_empty and not self._promises_more(number, answer):
            return None
        return self._step(number + self._stride)

    def expected(self, answer: Answer) -> int | None:
        """The total as the platform states it."""
        return whole_number(self._total(answer.body)) if self._total else None

    def _promises_more(self, number: int, answer: Answer) -> bool:
        total = self.expected(answer)
        pages_before = (number - self._first) // self._stride
        return total is not None and total > (pages_before + 1) * self._size

    def _step(self, number: int) -> Step:
        return Step({**self._fixed, self._parameter: number}, position={"number": number})
