"""How far back runs ask: instants for changes of resources, days for usage."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.clock import CHINA

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Days of Asia/Shanghai, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.first <= day <= self.last

    @property
    def count(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Reach:
    """How far runs go back behind what earlier ones have asked for.

    `changes` is behind the start of the last successful run of resources. The other three are days of usage: so many
    for a first run, so many behind the last day asked for by a later one, and so many in any case.
    """

    changes: timedelta = ONE_DAY
    backfill_days: int = 400
    lookback_days: int = 35
    least_days: int = 1

    def days(self, now: datetime, asked_until: date | None) -> Days:
        """Days of usage to ask for until yesterday; `asked_until` is the last day that an earlier run asked for.

        No day is left out between two runs, however far apart they are.
        """
        yesterday = now.astimezone(CHINA).date() - ONE_DAY
        if asked_until is None:
            first = yesterday - (self.backfill_days - 1) * ONE_DAY
        else:
            first = min(asked_until, yesterday) - self.lookback_days * ONE_DAY
        return Days(min(first, yesterday - (self.least_days - 1) * ONE_DAY), yesterday)
