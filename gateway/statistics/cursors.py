"""Cursors of report rows: the place of a row in the report's order, so that they hold while facts change."""

import base64
import binascii
import hashlib
import re
from dataclasses import astuple
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import orjson

from gateway.errors import CursorInvalid
from gateway.statistics.questions import ReportQuestion

LONGEST = 4_000
"""Characters of a cursor: keys are codes of a hundred characters at most."""
_RANK = re.compile(r"-?\d{1,32}(\.\d{1,6})?")


class RowPlace(NamedTuple):
    """Keys, first day of the period, and the number that orders the row, if any does."""

    keys: tuple[str, ...]
    period: date
    rank: Decimal | None


def write_cursor(question: ReportQuestion, place: RowPlace) -> str:
    """The cursor of a row of the answer to a question."""
    rank = None if place.rank is None else f"{place.rank:f}"
    body = orjson.dumps([_digest(question), list(place.keys), place.period.isoformat(), rank])
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def read_cursor(question: ReportQuestion, text: str) -> RowPlace:
    """The place that a cursor says; raises CursorInvalid for text that is no cursor of the answer to this question.

    Everything is checked before it is made a number: a cursor can be forged, and decimals have huge exponents.
    """
    try:
        if len(text) > LONGEST:
            raise ValueError("longer than any cursor")
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        digest, keys, period, rank = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if rank is not None and (question.order is None or not _RANK.fullmatch(rank)):
            raise ValueError("no number of this order")
        if len(keys) != len(question.group_by) or not all(isinstance(key, str) for key in keys):
            raise ValueError("not the keys of this report")
        place = RowPlace(tuple(keys), date.fromisoformat(period), None if rank is None else Decimal(rank))
    except (ValueError, TypeError, binascii.Error):
        raise CursorInvalid(f"after: {text[:100]!r} is no cursor of a report") from None
    if digest != _digest(question) or write_cursor(question, place) != text:
        raise CursorInvalid("after: this cursor is of another report; measures, filter, groupBy, interval and orderBy "
                            "must stay as they were") from None  # fmt: skip
    return place


def _digest(question: ReportQuestion) -> str:
    return hashlib.sha256(orjson.dumps(astuple(question))).hexdigest()[:16]
