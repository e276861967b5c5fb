"""The lake on disk as one process sees it: taken over, followed, given new months, published and swept."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.statistics.lake.changes import Month
from gateway.statistics.lake.directory import LakeDirectory
from gateway.statistics.lake.snapshots import Snapshot
from gateway.statistics.lake.state import EmptyMonth, LakeState, ListedMonth
from gateway.statistics.lake.writing import FORMAT, KINDS, MonthWriter

_log = logging.getLogger(__name__)
_SWEEP_EVERY = timedelta(minutes=1)


class LakeFiles:
    """The files and the list of them. Every method blocks: call them in one thread."""

    def __init__(self, path: Path) -> None:
        self._directory = LakeDirectory(path)
        self._writer = MonthWriter(self._directory.scratch)
        self._state: LakeState | None = None
        self._swept: datetime | None = None
        self.snapshot: Snapshot | None = None
        self.months: Mapping[Month, ListedMonth | EmptyMonth] = {}
        self.damaged: frozenset[Month] = frozenset()
        """Months whose files are missing or not as they were written."""

    @property
    def source(self) -> Path:
        """Where the facts of the next month are put for `make`."""
        return self._directory.scratch / "facts.csv"

    def look(self, database: int) -> bool:
        """Whether this process writes, or does from now on because nobody else does; if not, see what that one did."""
        if self._directory.writes:
            return True
        if self._directory.take_writer():
            self._take_over(database)
            return True
        if self._directory.changed():
            state = self._directory.read()
            if state is not None and _misfit(state, database) is None:
                self.snapshot = state.snapshot(self._directory.path)
        return False

    def make(self, month: Month, sequence: int) -> ListedMonth | EmptyMonth:
        """Make the files of a month from `source`; they count after `publish`. `duckdb.Error` as from the writer."""
        try:
            return self._make(month, sequence) if self.source.stat().st_size else EmptyMonth(*month, sequence)
        finally:
            self.source.unlink()

    def publish(
        self, database: int, months: Mapping[Month, ListedMonth | EmptyMonth], as_of: datetime, now: datetime
    ) -> None:
        """Make these months the lake; what leaves it stays for readers that have it open, and then goes.

        `as_of` is when the pass began to read them, which may be long before `now`.
        """
        if self.snapshot is None or months != self.months:
            self._writer.close()
            self._list(LakeState.of(database, as_of, months.values()), now)
        if self._state is not None and (self._swept is None or now - self._swept >= _SWEEP_EVERY):
            self._directory.sweep(set(self._state.files()), now)
            self._swept = now

    def _list(self, state: LakeState, now: datetime) -> None:
        if self._state is not None:
            if self._state.changes == state.changes:
                state = replace(state, as_of=self._state.as_of)
            self._directory.retire(set(self._state.files()) - set(state.files()), now)
        self._directory.write(state)
        self.snapshot = state.snapshot(self._directory.path)
        self._state, self.months, self.damaged = state, state.months, frozenset()

    def close(self) -> None:
        """Let somebody else write."""
        self._writer.close()
        self._directory.release()

    def _make(self, month: Month, sequence: int) -> ListedMonth:
        made = {kind: self.source.with_name(f"{kind}.parquet") for kind in KINDS}
        contents = self._writer.write(self.source, made)
        files: dict[str, Any] = {
            kind: self._directory.adopt(path, month, sequence, kind) for kind, path in made.items()
        }
        platform, name = month
        edition = self._edition(month, sequence)
        return ListedMonth(
            platform=platform, month=name, sequence=sequence, edition=edition, **files, **asdict(contents)
        )

    def _edition(self, month: Month, sequence: int) -> int:
        held = self.months.get(month)
        return held.edition + 1 if isinstance(held, ListedMonth) and held.sequence == sequence else 0

    def _take_over(self, database: int) -> None:
        state = self._directory.read()
        misfit = "there is none, or its list of files cannot be read" if state is None else _misfit(state, database)
        if state is None or misfit is not None:
            _log.info("the lake is built anew: %s", misfit)
            return
        lost = {file for file in state.files() if not self._directory.is_whole(file)}
        for file in lost:
            _log.warning("the lake's file %s is missing or damaged and is written anew", file.path)
        self._state, self.months = state, state.months
        self.damaged = frozenset(
            (each.platform, each.month) for each in state.partitions if not lost.isdisjoint(each.files)
        )
        if not lost:
            self.snapshot = state.snapshot(self._directory.path)


def _misfit(state: LakeState, database: int) -> str | None:
    if state.format != FORMAT:
        return "it was written by a version with another format"
    if state.database != database:
        return "it belongs to another database"
    return None
