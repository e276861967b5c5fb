"""Codes as clients send them: each must be known, and an error says what is possible."""

import difflib
from collections.abc import Collection, Sequence

from gateway.errors import InvalidInput, LimitExceeded

MOST_CODES = 500
_FEW = 12
"""So many codes fit into an error as they are."""


def known_codes(argument: str, codes: Sequence[str] | None, possible: Collection[str]) -> tuple[str, ...] | None:
    """The codes, or None for none given; raises InvalidInput that lists what is possible, or the nearest of many."""
    if codes is None:
        return None
    if len(codes) > MOST_CODES:
        raise LimitExceeded(f"{argument}: {len(codes)} values, at most {MOST_CODES} are possible")
    for code in codes:
        if code not in possible:
            raise InvalidInput(f"{argument}: {code[:100]!r} is unknown; {_hint(code[:100], possible)}")
    return tuple(codes)


def _hint(code: str, possible: Collection[str]) -> str:
    if len(possible) <= _FEW:
        return f"possible are {', '.join(possible)}" if possible else "there is none"
    near = difflib.get_close_matches(code, possible, n=3, cutoff=0.4)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {len(possible)} of them"
