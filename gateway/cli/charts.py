"""Bar charts of reports for a terminal: one bar for each row, bounds as a lighter part, labels by display width."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.cells import cell_len, set_cell_size

LABEL_WIDTH = 34
"""Columns of the longest label; Chinese characters take two."""
SHORTEST_BAR = 10
_FULL, _LIGHT, _BEYOND = "█", "░", "▸"
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: what it stands for, its bounds and how its number is written.

    `lower` and `upper` are the same for an exact number; None is no bound. Without either there is no bar, and `text`
    says why.
    """

    label: str
    text: str
    lower: Decimal | None = None
    upper: Decimal | None = None


def bar_chart(bars: Sequence[Bar], width: int) -> list[str]:
    """The lines of a chart that is `width` columns wide; all bars have the scale of the greatest bound.

    A bar is solid up to what is certain and light up to what is possible; ▸ says that nobody knows how far it reaches.
    """
    labels = min(max((cell_len(bar.label) for bar in bars), default=0), LABEL_WIDTH)
    texts = max((cell_len(bar.text) for bar in bars), default=0)
    room = max(width - labels - texts - 3, SHORTEST_BAR)
    greatest = max((bound for bar in bars for bound in (bar.lower, bar.upper) if bound is not None), default=Decimal(0))
    return [f"{_fitted(bar.label, labels)} {_drawn(bar, greatest, room)} {bar.text}" for bar in bars]


def _drawn(bar: Bar, greatest: Decimal, room: int) -> str:
    """A bar in exactly `room` columns."""
    if greatest == 0 or (bar.lower is None and bar.upper is None):
        return " " * room
    certain = _eighths(bar.lower, greatest, room)
    solid = _FULL * (certain // 8) + (_EIGHTHS[certain % 8] if certain % 8 else "")
    if bar.upper is None:
        return (solid[: room - 1] + _BEYOND).ljust(room)
    possible = -(-_eighths(bar.upper, greatest, room) // 8)
    return (solid + _LIGHT * (possible - len(solid)) if bar.upper != bar.lower else solid).ljust(room)


def _eighths(bound: Decimal | None, greatest: Decimal, room: int) -> int:
    """Eighths of columns up to a bound; any number but zero shows as one at least."""
    if not bound:
        return 0
    return max(int(bound * room * 8 / greatest), 1)


def _fitted(label: str, columns: int) -> str:
    if cell_len(label) <= columns:
        return set_cell_size(label, columns)
    return set_cell_size(set_cell_size(label, columns - 1).rstrip() + "…", columns)
