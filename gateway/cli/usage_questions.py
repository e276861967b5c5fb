"""The options that ask for a report of usage, and the question they amount to."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from gateway.errors import InvalidInput
from gateway.statistics import Interval, ReportDimension, ReportOrder, ReportQuestion, UsageFilter
from gateway.statistics.validation import TRAINING_ONLY
from schema.kinds import ResourceKind
from schema.modes import TeachingMode
from schema.stages import Stage

_REPEATED = "may be repeated."
MeasureCodes = Annotated[
    list[str] | None, typer.Option("--measure", help=f"Code of a measure, see `shanhai usage measures`; {_REPEATED}")
]
By = Annotated[
    list[str] | None,
    typer.Option("--by", help=f"What rows stand for, such as province, platform, stage or subject; {_REPEATED}"),
]
Every = Annotated[
    str | None, typer.Option("--interval", help="day, week, month, quarter or year; without it one row for all days.")
]
From = Annotated[str | None, typer.Option("--from", help="First day, such as 2026-01-01. [first one reported]")]
To = Annotated[str | None, typer.Option("--to", help="Last day, included. [last one reported]")]
PlatformCodes = Annotated[list[str] | None, typer.Option("--platform", help=f"Code of a platform; {_REPEATED}")]
RegionCodes = Annotated[
    list[str] | None, typer.Option("--region", help=f"Code of a region, with everything inside it; {_REPEATED}")
]
ProgramCodes = Annotated[list[str] | None, typer.Option("--program", help=f"Code of a joint program; {_REPEATED}")]
Stages = Annotated[list[str] | None, typer.Option("--stage", help=f"School stage; {_REPEATED}")]
Subjects = Annotated[list[str] | None, typer.Option("--subject", help=f"Code of a subject; {_REPEATED}")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help=f"Kind of resource; {_REPEATED}")]
Modes = Annotated[list[str] | None, typer.Option("--mode", help=f"How it was taught; {_REPEATED}")]
Order = Annotated[
    str | None, typer.Option("--order", help="Measure to order rows by, greatest first. [keys, then period]")
]

_Word = TypeVar("_Word", bound=StrEnum)


def usage_filter(
    first: str | None,
    last: str | None,
    *,
    platforms: Sequence[str] | None,
    regions: Sequence[str] | None,
    programs: Sequence[str] | None,
    stages: Sequence[str] | None,
    subjects: Sequence[str] | None,
    kinds: Sequence[str] | None,
    modes: Sequence[str] | None,
) -> UsageFilter:
    """The conditions of the options; raises InvalidInput for what is no word of ours, codes are judged when asked."""
    return UsageFilter(
        platforms=_some(platforms),
        regions=_some(regions),
        programs=_some(programs),
        stages=_some([_word("--stage", one, list(Stage)) for one in stages or ()]),
        subjects=_some(subjects),
        kinds=_some([_word("--kind", one, list(ResourceKind)) for one in kinds or ()]),
        teaching_modes=_some([_word("--mode", one, list(TeachingMode)) for one in modes or ()]),
        first=_day("--from", first),
        last=_day("--to", last),
    )


def question(
    measures: Sequence[str] | None,
    by: Sequence[str] | None,
    interval: str | None,
    order: str | None,
    wanted: UsageFilter,
) -> ReportQuestion:
    """The question of the options; without `--by` rows stand for platforms, as they do in GraphQL."""
    possible = [dimension for dimension in ReportDimension if dimension not in TRAINING_ONLY]
    return ReportQuestion(
        measures=tuple(measures or ()),
        filter=wanted,
        group_by=tuple(_word("--by", one, possible) for one in by or ("platform",)),
        interval=None if interval is None else _word("--interval", interval, list(Interval)),
        order=None if order is None else ReportOrder(order),
    )


def _word(option: str, text: str, possible: Sequence[_Word]) -> _Word:
    """The word of ours that was meant, whatever its case and with - for _."""
    for word in possible:
        if word == text.strip().upper().replace("-", "_"):
            return word
    listed = ", ".join(word.lower() for word in possible)
    raise InvalidInput(f"{option}: {text!r} is unknown; possible are {listed}")


def _day(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{option}: {text!r} is no day; write it like 2026-03-01") from None


def _some(values: Sequence[str] | None) -> tuple[str, ...] | None:
    """Nothing given is no condition."""
    return tuple(values) if values else None
