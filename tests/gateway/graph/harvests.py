"""Harvest runs and quarantine in memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from gateway.errors import CursorInvalid, InvalidInput
from gateway.harvesting import (
    HarvestInProgress,
    HarvestKind,
    HarvestKindUnsupported,
    HarvestRun,
    QuarantinedRecord,
    QuarantinePage,
    RunEnded,
    RunFilter,
    RunPage,
    RunState,
    UnmappedValue,
)
from schema.findings import Finding
from tests.gateway.graph.records import NOON

UNFINISHED = (RunState.QUEUED, RunState.RUNNING)


def run_of(number: int, platform: str = "zibo", state: RunState = RunState.SUCCEEDED, **values: object) -> HarvestRun:
    """The run with this number; a higher number is an older run."""
    started = NOON - timedelta(hours=number)
    fields: dict[str, object] = dict.fromkeys(HarvestRun.__slots__, 0)
    fields |= dict.fromkeys(("since", "expected", "error_code", "error", "requested_by", "cancel_requested_by"))
    fields |= {
        "id": f"run-{number}",
        "platform": platform,
        "manifest_version": 1,
        "kind": HarvestKind.FULL,
        "state": state,
        "started_at": started,
        "finished_at": None if state in UNFINISHED else started + timedelta(minutes=5),
        "pages": 3,
        "seen": 60,
        "created": 58,
        "quarantined": 2,
        **values,
    }
    return HarvestRun(**fields)  # type: ignore[arg-type]


def reject_of(number: int, run_id: str = "run-1", code: str = "title.missing") -> QuarantinedRecord:
    """A rejected record of 淄博; a higher number is older."""
    finding = Finding(code, "the title is missing", pointer="/title", expected="text", found="null")
    seen = NOON - timedelta(minutes=number)
    return QuarantinedRecord(f"reject-{number}", "zibo", f"Z-{number}", run_id, code, (finding,), "{}", seen)


@dataclass
class MemoryHarvests:
    """Runs newest first, and the rejects of 淄博."""

    stored: list[HarvestRun] = field(default_factory=lambda: [run_of(1), run_of(2, state=RunState.FAILED)])
    rejects: list[QuarantinedRecord] = field(default_factory=lambda: [reject_of(1), reject_of(2)])
    calls: Counter[str] = field(default_factory=Counter)

    async def run(self, run_id: str) -> HarvestRun | None:
        self.calls["run"] += 1
        return next((one for one in self.stored if one.id == run_id), None)

    async def runs(self, wanted: RunFilter, *, first: int, after: str | None) -> RunPage:
        self.calls["runs"] += 1
        found = [
            one
            for one in self.stored
            if (wanted.platforms is None or one.platform in wanted.platforms)
            and (wanted.kinds is None or one.kind in wanted.kinds)
            and (wanted.states is None or one.state in wanted.states)
            and (wanted.since is None or one.started_at >= wanted.since)
        ]
        start = _start([one.id for one in found], after)
        return RunPage(tuple(found[start : start + first]), len(found), start + first < len(found))

    async def quarantined(self, platform: str, *, code: str | None, first: int, after: str | None) -> QuarantinePage:
        self.calls["quarantined"] += 1
        found = [one for one in self.rejects if one.platform == platform and code in (None, one.code)]
        start = _start([one.id for one in found], after)
        return QuarantinePage(tuple(found[start : start + first]), len(found), start + first < len(found))

    async def quarantined_record(self, record_id: str) -> QuarantinedRecord | None:
        return next((one for one in self.rejects if one.id == record_id), None)

    async def unmapped_values(self, platform: str) -> Sequence[UnmappedValue]:
        return [UnmappedValue("subject", "国学", 9, "Z-1"), UnmappedValue("grade", "预初", 4, "Z-2")]

    async def start(self, platform: str, kind: HarvestKind, *, by: str) -> HarvestRun:
        if kind not in (HarvestKind.FULL, HarvestKind.INCREMENTAL):
            raise HarvestKindUnsupported(f"kind: {kind} cannot be harvested yet; possible are FULL and INCREMENTAL")
        if any(one.platform == platform and one.state in UNFINISHED for one in self.stored):
            raise HarvestInProgress(f"platform {platform!r} has an unfinished run already", platform=platform)
        started = run_of(-len(self.stored), platform, RunState.QUEUED, kind=kind, requested_by=by)
        self.stored.insert(0, started)
        return started

    async def cancel(self, run_id: str, *, by: str) -> HarvestRun:
        for at, one in enumerate(self.stored):
            if one.id == run_id:
                if one.state not in UNFINISHED:
                    raise RunEnded(f"run {run_id} is over: {one.state}")
                self.stored[at] = replace(one, state=RunState.CANCELLED, cancel_requested_by=by)
                return self.stored[at]
        raise InvalidInput(f"run: there is no run {run_id!r}")


def _start(ids: list[str], after: str | None) -> int:
    if after is None:
        return 0
    if after not in ids:
        raise CursorInvalid(f"after: {after!r} is no cursor of this list")
    return ids.index(after) + 1
