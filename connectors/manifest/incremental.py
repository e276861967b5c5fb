"""Asking only for what changed: `incremental:`."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from connectors.manifest.transforms import compile_transform
from connectors.manifest.transforms.reading import CHINA, zone_named
from schema.records import Record

_seconds = compile_transform("duration")


class InstantFormat(StrEnum):
    """How an instant is written."""

    ISO = "iso"
    EPOCH_SECONDS = "epochSeconds"
    EPOCH_MILLISECONDS = "epochMilliseconds"
    LOCAL_DATE_TIME = "localDateTime"
    DATE = "date"

    def of_day(self, day: date, zone: str = CHINA) -> str | int:
        """The beginning of a day, written this way."""
        return self.written(datetime.combine(day, time(), zone_named(zone)), zone)

    def written(self, instant: datetime, zone: str = CHINA) -> str | int:
        """An instant, written this way as it is in the zone."""
        local = instant.astimezone(zone_named(zone))
        match self:
            case InstantFormat.EPOCH_SECONDS:
                return int(instant.timestamp())
            case InstantFormat.EPOCH_MILLISECONDS:
                return int(instant.timestamp() * 1000)
            case InstantFormat.LOCAL_DATE_TIME:
                return local.strftime("%Y-%m-%d %H:%M:%S")
            case InstantFormat.DATE:
                return local.strftime("%Y-%m-%d")
            case InstantFormat.ISO:
                return local.replace(microsecond=0).isoformat()


def _span(value: Any) -> Any:
    return _seconds(value) if isinstance(value, str) else value


def _zone(value: Any) -> Any:
    if isinstance(value, str):
        zone_named(value)
    return value


class IncrementalSpec(Record):
    """`parameter` takes the instant after which changes are wanted, written in `format`.

    `lookback` asks for a little more, because clocks differ and platforms publish late: `PT1H`, `45分钟` or seconds.
    """

    parameter: str
    format: InstantFormat = InstantFormat.ISO
    zone: Annotated[str, BeforeValidator(_zone)] = CHINA
    lookback: Annotated[int, BeforeValidator(_span), Field(ge=0)] = 3600

    def parameters(self, since: datetime) -> dict[str, str | int]:
        """The parameter for a run since an instant."""
        return {self.parameter: self.format.written(since - timedelta(seconds=self.lookback), self.zone)}
