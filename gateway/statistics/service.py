"""The doorway of statistics: reports, cells of single resources, exports, and keeping the lake up with the database."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import duckdb

from gateway.clock import Clock, utc_now
from gateway.errors import LimitExceeded, NotReady
from gateway.following import follow
from gateway.statistics.answering import KeptReports
from gateway.statistics.cursors import RowPlace, read_cursor, write_cursor
from gateway.statistics.engine.building import World, build
from gateway.statistics.engine.report import Report, unpublished
from gateway.statistics.engine.store import Store
from gateway.statistics.engine.tidy import create_tidy
from gateway.statistics.errors import StatisticsBusy
from gateway.statistics.exports import write_export
from gateway.statistics.lake import Lake
from gateway.statistics.links import Links
from gateway.statistics.ports import PlatformNames
from gateway.statistics.questions import ReportQuestion, UsageFilter
from gateway.statistics.reports import CellStatus, ExportFormat, ReportCell, ReportPage
from gateway.statistics.validation import check_measures, check_question, check_rows
from gateway.storage import Database
from schema.measures import measures
from schema.programs import Program

CHINA = timezone(timedelta(hours=8))
"""Asia/Shanghai has had no other offset since 1991."""
SMALLEST_SHOWN = 5
AT_ONCE = 2
"""Reports that are computed at one time; each uses as many threads as DuckDB has."""
MOST_WAITING = 64
"""Reports that are computed or wait for their turn; further ones are refused."""
ResourceKey = tuple[str, str]
"""Code of a platform and native id."""
_Value = TypeVar("_Value")
_TOO_LARGE = "this report takes more memory than there is; ask for fewer dimensions or days"
_log = logging.getLogger(__name__)
_UNABLE = "usage statistics could not catch up; trying again in %s s"


class StatisticsService:
    """Answers from the lake in threads; made by `open_statistics`."""

    def __init__(
        self,
        lake: Lake,
        store: Store,
        platforms: PlatformNames,
        programs: Mapping[str, Program],
        links: Links,
        *,
        clock: Clock = utc_now,
        smallest_shown: int = SMALLEST_SHOWN,
    ) -> None:
        self._lake, self._store, self._links = lake, store, links
        self._platforms, self._programs = platforms, programs
        self._clock, self._smallest_shown = clock, smallest_shown
        self._kept = KeptReports()
        self._building = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def report(self, question: ReportQuestion, *, first: int = 100, after: str | None = None) -> ReportPage:
        """One page of a report; `first` is at most 1,000, `after` the cursor of a row of the page before.

        Raises UnknownMeasure, ImpossibleGrouping, ImpossibleSpan, InvalidInput, LimitExceeded, CursorInvalid, NotReady.
        """
        question = check_question(question, self._platforms)
        count = check_rows(first)
        place = None if after is None else read_cursor(question, after)
        report = await self._report(question)
        return await self._read(report, lambda: _page(report, question, count, place))

    async def resource_cells(
        self, keys: Sequence[ResourceKey], codes: Sequence[str] | None = None
    ) -> list[tuple[ReportCell, ...]]:
        """Cells of single resources over all time, in the order of `keys`; without `codes` of every measure they have.

        A measure that was asked for and is not reported of a resource is NOT_PUBLISHED.
        """
        check_measures(codes or ())
        wanted = tuple(dict.fromkeys(codes)) if codes is not None else tuple(measures())
        if not wanted:
            return [()] * len(keys)
        by_platform: dict[str, list[str]] = defaultdict(list)
        for platform, native_id in keys:
            by_platform[platform].append(native_id)
        found: dict[ResourceKey, tuple[ReportCell, ...]] = {}
        for platform, native_ids in by_platform.items():
            question = ReportQuestion(wanted, UsageFilter(platforms=(platform,)), ())
            report = await self._computed(question, tuple(sorted(set(native_ids))))
            found |= await asyncio.to_thread(_cells_of, platform, report)
        blank = ReportQuestion(wanted)
        return [_published(found.get(key), blank, everything=codes is None) for key in keys]

    async def export(self, question: ReportQuestion, file_format: ExportFormat, folder: Path) -> Path:
        """Write the whole report into a file of this folder, which the caller deletes; raises as `report` does."""
        question = check_question(question, self._platforms)
        report = await self._computed(question)  # not kept: exports are large, and nobody asks for their second page
        try:
            return await self._read(report, lambda: self._written(report, file_format, folder))
        finally:
            await asyncio.to_thread(report.close)

    def export_link(self, question: ReportQuestion, file_format: ExportFormat) -> str:
        """A signed path, valid for a short time, where the same report can be had as a file."""
        return self._links.path(check_question(question, self._platforms), file_format)

    @property
    def links(self) -> Links:
        """Reads the links that `export_link` wrote."""
        return self._links

    @property
    def generation(self) -> str:
        """The state of the facts that is answered from now; empty before there is any."""
        return self._store.generation

    @property
    def lake(self) -> Lake:
        """The lake that answers rest on."""
        return self._lake

    async def catch_up(self) -> int:
        """Take in every change of the facts; returns how many months of platforms were written anew."""
        taken = await self._lake.catch_up()
        await self.see()
        return taken

    async def rebuild(self) -> None:
        """Make the lake anew from the facts."""
        await self._lake.rebuild()
        await self.see()

    async def see(self) -> None:
        """Answer from the lake as it is now; where another process still makes it, from what there was."""
        with contextlib.suppress(NotReady):
            await asyncio.to_thread(self._store.follow, self._lake.snapshot)

    async def follow(self, interval: float, stopping: asyncio.Event) -> None:
        """Catch up every so many seconds until `stopping` is set; what goes wrong is logged and tried again."""
        await follow(self.catch_up, interval, stopping, lambda _: _log.exception(_UNABLE, interval))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close everything after the reports that are being computed."""
        await self._kept.aclose()
        await asyncio.to_thread(self._store.close)
        await self._lake.aclose()

    async def _report(self, question: ReportQuestion) -> Report:
        world = self._world()
        platforms = tuple(map(world.about, sorted(world.platforms.codes())))
        state = (self._store.generation, world.today, platforms)
        return await self._kept.get((state, question), lambda: self._computed(question))

    async def _computed(self, question: ReportQuestion, resources: Sequence[str] | None = None) -> Report:
        """Compute in turn; who stops waiting does not give the turn of a running computation away."""
        if self._waiting >= MOST_WAITING:
            raise StatisticsBusy(f"{self._waiting} reports are being computed or wait; ask again in a moment")
        self._waiting += 1
        return await asyncio.shield(asyncio.create_task(self._in_turn(question, resources)))

    async def _in_turn(self, question: ReportQuestion, resources: Sequence[str] | None) -> Report:
        try:
            async with self._building:
                return await asyncio.to_thread(self._build, question, resources)
        finally:
            self._waiting -= 1

    def _world(self) -> World:
        today = self._clock().astimezone(CHINA).date()
        return World(self._platforms, self._programs, today, self._smallest_shown)

    def _build(self, question: ReportQuestion, resources: Sequence[str] | None = None) -> Report:
        try:
            return build(self._store, self._world(), question, resources)
        except duckdb.OutOfMemoryException as error:
            raise LimitExceeded(_TOO_LARGE) from error
        except duckdb.IOException as error:
            raise NotReady("the files of usage cannot be read at the moment; ask again") from error

    async def _read(self, report: Report, work: Callable[[], _Value]) -> _Value:
        def locked() -> _Value:
            with report.lock:
                return work()

        return await asyncio.to_thread(locked)

    def _written(self, report: Report, file_format: ExportFormat, folder: Path) -> Path:
        create_tidy(report, self._platforms)
        path = folder / f"usage.{file_format.lower()}"
        write_export(report.cursor, file_format, path, report.caveats, report.as_of)
        return path


def _cells_of(platform: str, report: Report) -> dict[ResourceKey, tuple[ReportCell, ...]]:
    try:
        rows = zip(report.places(0, report.total), report.rows(0, report.total), strict=True)
        return {(platform, keys[-1]): row.cells for (keys, _, _), row in rows}
    finally:
        report.close()


def _page(report: Report, question: ReportQuestion, first: int, after: RowPlace | None) -> ReportPage:
    start = 0 if after is None else report.before(*after)
    rows = report.rows(start, first)
    places = report.places(start, first)
    return ReportPage(
        rows=tuple(rows),
        cursors=tuple(write_cursor(question, RowPlace(*place)) for place in places),
        total=report.total,
        has_next=start + len(rows) < report.total,
        has_previous=start > 0,
        measures=report.plan.measures,
        coverage=report.coverage,
        caveats=report.caveats,
        as_of=report.as_of,
    )


def _published(
    cells: tuple[ReportCell, ...] | None, question: ReportQuestion, *, everything: bool
) -> tuple[ReportCell, ...]:
    """Cells of one resource: those asked for, or those there are."""
    if cells is None:
        cells = tuple(unpublished(measures()[code]) for code in question.measures)
    return tuple(cell for cell in cells if not everything or cell.status is not CellStatus.NOT_PUBLISHED)


async def open_statistics(
    database: Database,
    directory: Path,
    platforms: PlatformNames,
    programs: Mapping[str, Program],
    links: Links,
    *,
    clock: Clock = utc_now,
    smallest_shown: int = SMALLEST_SHOWN,
) -> StatisticsService:
    """Open the lake of this directory, make anew what is missing or foreign, and bring it up to the database."""
    lake = Lake(database, directory, clock)
    store = Store()
    service = StatisticsService(lake, store, platforms, programs, links, clock=clock, smallest_shown=smallest_shown)
    try:
        await lake.open()
        await service.see()
    except BaseException:
        await service.aclose()
        raise
    return service
