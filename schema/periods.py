"""Spans of days, and how texts state them: a day, or a whole year where they say no more."""

import re
from dataclasses import dataclass
from datetime import date

_YEAR = re.compile(r"\d{4}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Period:
    """Days of Asia/Shanghai, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        """As `read` takes it for a day and a year, else both days."""
        if self.first == self.last:
            return self.first.isoformat()
        if self == Period(date(self.first.year, 1, 1), date(self.first.year, 12, 31)):
            return f"{self.first.year:04d}"
        return f"{self.first.isoformat()} to {self.last.isoformat()}"

    @classmethod
    def read(cls, text: str) -> "Period":
        """The day of `2023-02-14` or the year of `2025`; ValueError for anything else."""
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            return cls(day, day)
        if _YEAR.fullmatch(text) and int(text):
            return cls(date(int(text), 1, 1), date(int(text), 12, 31))
        raise ValueError(f"{text!r} is neither a day such as 2023-02-14 nor a year such as 2025")
