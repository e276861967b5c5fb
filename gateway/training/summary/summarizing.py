"""One page of a summary: counted, repeats taken out, small groups hidden, ordered."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from gateway.identity import Principal
from gateway.training.credit.loading import portions
from gateway.training.ports import ResourceStates
from gateway.training.questions import SummaryInterval, SummaryQuestion
from gateway.training.summary.asking import HOURS, PEOPLE, REPORTED, check_question, region_condition
from gateway.training.summary.groups import Counted, Group, GroupKey, count, count_some, matching, told
from gateway.training.summary.hiding import hidden
from gateway.training.summary.labels import PlatformName, label_of
from gateway.training.summary.paging import RowPlace, read_cursor, sorter, start_of, write_cursor
from gateway.training.summary.repeats import repeats
from gateway.training.views import SummaryCell, SummaryCoverage, SummaryPage, SummaryRow
from schema.measures import measures

Caveat = tuple[str, str, tuple[str, ...]]
CODES = JOINT, SAMPLES, HIDDEN = ("JOINT_SESSIONS_ONCE", "SAMPLE_RULES", "SMALL_CELLS_HIDDEN")
"""Every code of a caveat, in the order of summaries."""
_MONTHS = {SummaryInterval.MONTH: 1, SummaryInterval.QUARTER: 3, SummaryInterval.YEAR: 12}


def summarize(
    connection: Connection,
    now: datetime,
    question: SummaryQuestion,
    who: Principal,
    resources: ResourceStates,
    smallest_shown: int,
    platform_name: PlatformName = str,
) -> SummaryPage:
    """Count records in the regions that were granted to somebody.

    Teachers are different people with records, records are counted once for each activity of a teacher, hours are
    awards in force of CONTINUING_EDUCATION. Without states in the filter, REJECTED and REVOKED records are left out.
    Rows behind which fewer than `smallest_shown` teachers stand show no number.
    Raises Forbidden, InvalidInput, LimitExceeded, CursorInvalid.
    """
    check_question(question)
    if question.after is not None:
        read_cursor(question, question.after)
    rows = matching(question, region_condition(question, who))
    counted = count(connection, question, rows)
    repeated = repeats(connection, resources, rows)
    for some in portions(repeated):
        for key, number in count_some(connection, question, rows, some):
            counted.groups[key].records -= number
    away = hidden({key: group.people for key, group in counted.groups.items()}, smallest_shown)
    coverage = [one for one in told(connection, rows) if one.people >= smallest_shown]
    return _page(
        question,
        counted,
        away,
        tuple(SummaryCoverage(one.platform, one.first, one.last, one.days) for one in coverage),
        tuple(_caveats(question, counted, away, tuple(one.platform for one in coverage), len(repeated))),
        now,
        platform_name,
    )


def _page(
    question: SummaryQuestion,
    counted: Counted,
    away: frozenset[GroupKey],
    coverage: tuple[SummaryCoverage, ...],
    caveats: tuple[Caveat, ...],
    now: datetime,
    platform_name: PlatformName,
) -> SummaryPage:
    by = None if question.order is None else question.order[0]
    ranks = {key: None if by is None else _number(by, group, key in away) for key, group in counted.groups.items()}
    places = sorted((RowPlace(*key, rank) for key, rank in ranks.items()), key=sorter(question))
    start = start_of(question, places)
    page = places[start : start + question.first]
    return SummaryPage(
        rows=tuple(_row(question, counted, place, away, platform_name) for place in page),
        cursors=tuple(write_cursor(question, place) for place in page),
        total=len(places),
        has_next=start + len(page) < len(places),
        has_previous=start > 0,
        measures=tuple(measures()[code] for code in question.measures),
        coverage=coverage,
        caveats=caveats,
        as_of=counted.changed_at or now,
    )


def _row(
    question: SummaryQuestion,
    counted: Counted,
    place: RowPlace,
    away: frozenset[GroupKey],
    platform_name: PlatformName,
) -> SummaryRow:
    key = (place.keys, place.period)
    group = counted.groups[key]
    first, last = _days(question, counted, place.period)
    platforms = () if key in away else tuple(sorted(group.platforms))
    named = zip(question.group_by, place.keys, strict=True)
    return SummaryRow(
        keys=tuple((str(dimension), value, label_of(dimension, value, platform_name)) for dimension, value in named),
        first=first,
        last=last,
        cells=tuple(
            SummaryCell(measures()[code], _number(code, group, key in away), platforms) for code in question.measures
        ),
    )


def _number(measure: str, group: Group, away: bool) -> Decimal | None:
    if away:
        return None
    return {PEOPLE: Decimal(group.people), REPORTED: Decimal(group.records), HOURS: group.hours}[measure]


def _days(question: SummaryQuestion, counted: Counted, period: date) -> tuple[date, date]:
    """Both days of a row, within those asked for; without an interval whole years around what there is."""
    asked = question.filter
    if question.interval is None:
        first, last = counted.first or period, counted.last or period
        return asked.first or date(first.year, 1, 1), asked.last or date(last.year, 12, 31)
    end = _end(question.interval, period)
    return max(period, asked.first or period), min(end, asked.last or end)


def _end(interval: SummaryInterval, first: date) -> date:
    if interval in _MONTHS:
        months = first.year * 12 + first.month - 1 + _MONTHS[interval]
        return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)
    return first + timedelta(days=6 if interval is SummaryInterval.WEEK else 0)


def _caveats(
    question: SummaryQuestion, counted: Counted, away: frozenset[GroupKey], platforms: tuple[str, ...], repeated: int
) -> Iterator[Caveat]:
    if repeated:
        message = (
            "Some records report an activity of a teacher that another record reports too; each activity is counted "
            "once, at the report that is credited."
        )
        yield JOINT, message, platforms
    if counted.samples and HOURS in question.measures:
        yield SAMPLES, "Some of these hours rest on sample rules, which no authority has published.", platforms
    if away:
        message = f"{len(away)} rows are hidden: few teachers stand behind them, or they would give away one that does."
        yield HIDDEN, message, ()
