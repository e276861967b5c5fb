"""Paging through time: a span of days walked window by window, each with pages of its own."""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, field_validator, model_validator

from connectors.components import one_of
from connectors.paging.model import NoPaging, Paging
from connectors.paging.steps import Answer, Pager, Step

_SPAN = re.compile(r"P([1-9]\d{0,2})([DWMY])")
_PATTERNS = {
    "date": "%Y-%m-%d",
    "yyyyMMdd": "%Y%m%d",
    "yyyy-MM": "%Y-%m",
    "yyyy-MM-dd HH:mm:ss": "%Y-%m-%d %H:%M:%S",
}
_ONE_MILLISECOND = timedelta(milliseconds=1)

WindowFormat = Literal["date", "yyyyMMdd", "yyyy-MM", "yyyy-MM-dd HH:mm:ss", "iso", "epochSeconds", "epochMilliseconds"]


@dataclass(frozen=True, slots=True)
class Window:
    """The days from `start` to before `stop`, and the parameters that ask for them."""

    start: date
    stop: date
    parameters: Mapping[str, str | int]


class WindowPaging(Paging):
    """`kind: window`: asks for one span after the other, oldest first.

    `{kind: window, fromParameter: startDate, toParameter: endDate, span: P31D, since: 2020-01-01}`. `since` is the
    first day the platform knows of, used where nobody asks for less. `end` says whether `toParameter` still belongs to
    the window (its last day, second or millisecond) or is where the next begins. `each` pages within a window.
    """

    model_config = ConfigDict(defer_build=True)  # it holds kinds of its own package

    kind: Literal["window"]
    from_parameter: str = Field("from", min_length=1)
    to_parameter: str | None = "to"
    format: WindowFormat = "date"
    span: str = Field("P1M", pattern=f"^{_SPAN.pattern}$")
    end: Literal["inclusive", "exclusive"] = "inclusive"
    zone: str = "Asia/Shanghai"
    since: Annotated[date, Field(ge=date(1900, 1, 1), le=date(2100, 1, 1))]
    each: Annotated[Paging, one_of("connectors.paging", Paging, "kind")] = NoPaging(kind="none")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{value!r} is no time zone; write one such as Asia/Shanghai or UTC") from None
        return value

    @model_validator(mode="after")
    def _windows_can_be_walked(self) -> Self:
        if isinstance(self.each, WindowPaging):
            raise ValueError("windows hold no windows; each pages within one")
        if self.format == "yyyy-MM" and self.span[-1] not in "MY":
            raise ValueError("format yyyy-MM walks whole months: span: P1M")
        return self

    def pager(self) -> Pager:
        """A pager from `since` to today."""
        return self.between(None, None)

    def between(self, since: datetime | None, until: datetime | None) -> Pager:
        """A pager of the days from that of `since` (or the first known) to that of `until` (or today), both whole."""
        zone = ZoneInfo(self.zone)
        first = since.astimezone(zone).date() if since else self.since
        return WindowPager(self, max(first, self.since), (until or datetime.now(zone)).astimezone(zone).date())

    def windows(self, first: date, last: date) -> Iterator[Window]:
        """The windows from the day `first` to the day `last`, both included; the last one is cut off there."""
        first, number, end = (first.replace(day=1) if self.format == "yyyy-MM" else first), 0, last + timedelta(days=1)
        while (start := _moved(first, self.span, number)) < end:
            number += 1
            stop = min(_moved(first, self.span, number), end)
            parameters: dict[str, str | int] = {self.from_parameter: self._written(start, inclusive_end=False)}
            if self.to_parameter is not None:
                parameters[self.to_parameter] = self._written(stop, inclusive_end=self.end == "inclusive")
            yield Window(start, stop, parameters)

    def _written(self, day: date, *, inclusive_end: bool) -> str | int:
        """The beginning of a day, or the last moment before it in the finest unit of the format."""
        instant = datetime.combine(day, time(), ZoneInfo(self.zone))
        if inclusive_end:
            # counted in UTC, because a zone's own clock may have been put forward or back just then
            instant = (instant.astimezone(UTC) - _ONE_MILLISECOND).astimezone(instant.tzinfo)
        match self.format:
            case "epochSeconds":
                return int(instant.timestamp())
            case "epochMilliseconds":
                return round(instant.timestamp() * 1000)
            case "iso":
                return instant.replace(microsecond=0).isoformat()
            case pattern:
                return instant.strftime(_PATTERNS[pattern])


class WindowPager:
    """Walks the pages of a window, then the next window. A checkpoint names the day its window begins with."""

    def __init__(self, spec: WindowPaging, first: date, last: date) -> None:
        self._spec = spec
        self._first = first
        self._last = last
        self._windows: Iterator[Window] = iter(())
        self._window: Window | None = None
        self._inner: Pager = spec.each.pager()

    def start(self, position: Mapping[str, str | int] | None) -> Step:
        """The first page of the first window, or the page of a checkpoint."""
        first = date.fromisoformat(str(position["window"])) if position and "window" in position else self._first
        self._windows = self._spec.windows(first, max(first, self._last))
        self._window = next(self._windows)
        inner = {name: value for name, value in (position or {}).items() if name != "window"}
        return self._step(self._window, self._inner.start(inner or None))

    def after(self, step: Step, answer: Answer) -> Step | None:
        """The next page of the window, or the first of the next; None after the last window."""
        following = self._inner.after(step, answer)
        if following is not None and self._window is not None:
            return self._step(self._window, following)
        self._window = next(self._windows, None)
        if self._window is None:
            return None
        self._inner = self._spec.each.pager()
        return self._step(self._window, self._inner.start(None))

    def expected(self, answer: Answer) -> int | None:
        """A window's total says nothing about the others."""
        del answer
        return None

    @staticmethod
    def _step(window: Window, inner: Step) -> Step:
        parameters = {**window.parameters, **inner.parameters} if inner.url is None else inner.parameters
        return Step(parameters, inner.url, inner.index, {"window": window.start.isoformat(), **inner.position})


def _moved(day: date, span: str, times: int) -> date:
    """`day` and so many spans; a day that a month lacks becomes its last. Counted from `day`, so nothing drifts."""
    count, unit = int(span[1:-1]) * times, span[-1]
    if unit in "DW":
        return day + timedelta(days=count * (7 if unit == "W" else 1))
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "Y" else 1)
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
