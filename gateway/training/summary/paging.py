"""Rows of a summary in their order, and cursors that say where a row stands in it."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import orjson

from gateway.errors import CursorInvalid
from gateway.training.questions import SummaryQuestion
from gateway.training.reading.cursors import mark_of

LONGEST = 4_000
"""Characters of a cursor: keys are codes of a hundred characters at most."""
_RANK = re.compile(r"-?\d{1,24}(\.\d{1,6})?")


class RowPlace(NamedTuple):
    """Keys, first day of the period, and the number that orders the row, None where it has none."""

    keys: tuple[str, ...]
    period: date
    rank: Decimal | None


def sorter(question: SummaryQuestion) -> Callable[[RowPlace], tuple[object, ...]]:
    """What rows are sorted by: the number of an ordering measure, rows without one last, then keys and period."""
    sign = -1 if question.order is not None and question.order[1] else 1

    def key(place: RowPlace) -> tuple[object, ...]:
        rank = place.rank
        return rank is None, Decimal(0) if rank is None else sign * rank, place.keys, place.period

    return key


def write_cursor(question: SummaryQuestion, place: RowPlace) -> str:
    """The cursor of a row of the answer to a question."""
    rank = None if place.rank is None else f"{place.rank:f}"
    body = orjson.dumps([_mark(question), list(place.keys), place.period.isoformat(), rank])
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def read_cursor(question: SummaryQuestion, text: str) -> RowPlace:
    """The place that a cursor says; raises CursorInvalid for text that is no cursor of the answer to this question."""
    try:
        if len(text) > LONGEST:
            raise ValueError("longer than any cursor")
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        mark, keys, period, rank = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if rank is not None and (question.order is None or not _RANK.fullmatch(rank)):
            raise ValueError("no number of this order")
        if len(keys) != len(question.group_by) or not all(isinstance(key, str) for key in keys):
            raise ValueError("not the keys of this summary")
        place = RowPlace(tuple(keys), date.fromisoformat(period), None if rank is None else Decimal(rank))
    except (ValueError, TypeError, binascii.Error):
        raise CursorInvalid(f"after: {text[:100]!r} is no cursor of a summary") from None
    if mark != _mark(question) or write_cursor(question, place) != text:
        raise CursorInvalid("after: this cursor is of another summary; all but `first` must stay as it was")
    return place


def start_of(question: SummaryQuestion, places: Iterable[RowPlace]) -> int:
    """How many rows, which are in order, stand before the page."""
    if question.after is None:
        return 0
    key = sorter(question)
    last = key(read_cursor(question, question.after))
    return sum(key(place) <= last for place in places)


def _mark(question: SummaryQuestion) -> str:
    return mark_of(question.measures, question.filter, question.group_by, question.interval, question.order)
