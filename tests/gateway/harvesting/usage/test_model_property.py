"""Whatever a platform reports, corrects, repeats and takes back, the facts equal a simple model."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from connectors.errors import Malformed, Unreachable
from connectors.records import HarvestPage
from gateway.harvesting import HarvestingService, HarvestKind, HarvestRun, RunState
from gateway.harvesting.reach import Reach
from gateway.storage import Database
from schema.usage import UsageFact
from tests.gateway.harvesting.upstream import column
from tests.gateway.harvesting.usage.counting import Counting, Ticking, fact, facts, page, partitions

AGO = (0, 1, 27, 28, 29)
"""Days before yesterday, on both sides of the end of a month."""
MEASURES, REGIONS = ("views", "plays"), ("500103", "500105", None)
Place = tuple[date, str, str | None]


@dataclass
class Model:
    """What should be stored: number and revision by day, measure and region, and what those were before."""

    stored: dict[Place, tuple[Decimal, int]] = field(default_factory=dict)
    before: Counter[tuple[Place, Decimal, int, bool]] = field(default_factory=Counter)
    months: set[str] = field(default_factory=set)
    """Those that were changed since this was last asked."""
    met: set[Place] = field(default_factory=set)
    counted: Counter[str] = field(default_factory=Counter)

    def take(self, stored: HarvestPage[UsageFact]) -> None:
        """Apply one stored page."""
        last: dict[Place, UsageFact] = {}
        for each in (accepted.record for accepted in stored.accepted):
            place = each.day, each.measure, each.region
            self.counted["duplicates"] += place in last
            if place not in last or each.revision >= last[place].revision:
                last[place] = each
        for place, each in last.items():
            outcome = self._put(place, each)
            self.counted["duplicates" if place in self.met else outcome] += 1
            self.met.add(place)

    def _put(self, place: Place, reported: UsageFact) -> str:
        if place not in self.stored:
            self._change(place, reported)
            return "created"
        value, revision = self.stored[place]
        if reported.revision < revision:
            return "unchanged"
        if reported.value == value:
            self.stored[place] = value, reported.revision
            return "unchanged"
        self.before[place, value, revision, False] += 1
        self._change(place, reported)
        return "updated"

    def _change(self, place: Place, reported: UsageFact) -> None:
        self.stored[place] = reported.value, reported.revision
        self.months.add(f"{place[0]:%Y-%m}")

    def end(self) -> None:
        """Apply the end of a complete run."""
        reported = {(day, measure) for day, measure, _ in self.met}
        for place in [place for place in self.stored if place not in self.met and place[:2] in reported]:
            value, revision = self.stored.pop(place)
            self.before[place, value, revision, True] += 1
            self.months.add(f"{place[0]:%Y-%m}")
            self.counted["withdrawn"] += 1


@dataclass
class Round:
    """One report and how harvesting it goes: interrupted at some pages, or broken for good at one."""

    pages: list[HarvestPage[UsageFact]]
    interruptions: list[int]
    broken_at: int | None


@st.composite
def reports(draw: DrawFn) -> Round:
    one = st.tuples(
        st.sampled_from(AGO), st.sampled_from(MEASURES), st.sampled_from(REGIONS), st.integers(0, 2), st.integers(0, 2)
    )
    pages = [
        page(
            *(
                fact(ago, str(value), measure, region=region, revision=revision)
                for ago, measure, region, value, revision in draw(st.lists(one, max_size=8))
            )
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    interruptions = sorted(draw(st.lists(st.integers(0, len(pages)), max_size=2)))
    broken_at = draw(st.one_of(st.none(), st.integers(max(interruptions, default=0), len(pages))))
    return Round(pages, interruptions, broken_at)


async def carry_out(service: HarvestingService, code: str, round_: Round, model: Model) -> HarvestRun:
    """Harvest one report through its interruptions; the model takes exactly the pages that were stored."""
    taken = 0
    stops: list[tuple[int | None, Exception]] = [(at, Unreachable("reset")) for at in round_.interruptions]
    for at, failure in [*stops, (round_.broken_at, Malformed("drift"))]:
        upstream = Counting(code=code, counted=round_.pages, fails_at=at, failure=failure)
        run = await service.run(upstream, upstream.context(), kind=HarvestKind.USAGE)
        end = len(round_.pages) if at is None else at
        for stored in round_.pages[taken:end]:
            model.take(stored)
        taken = end
    if run.state is RunState.SUCCEEDED:
        model.end()
    return run


async def revisions(database: Database, code: str) -> Counter[Any]:
    names = ("platform", "day", "measure", "dimensions", "value", "revision", "withdrawn")
    regions = {f'{{"region":"{region}"}}' if region else "{}": region for region in REGIONS}
    found = await column(database, "usage_revisions", *names)
    return Counter(
        ((day, measure, regions[dimensions]), value, revision, withdrawn)
        for platform, day, measure, dimensions, value, revision, withdrawn in found
        if platform == code
    )


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(reports(), min_size=1, max_size=5))
async def test_the_facts_equal_the_model_after_any_history(database: Database, rounds: list[Round]) -> None:
    code = f"platform{len(await column(database, 'harvest_runs', 'id'))}"
    service, model = HarvestingService(database, clock=Ticking(), reach=Reach(backfill_days=60)), Model()
    for round_ in rounds:
        model.months.clear()
        model.met.clear()
        model.counted.clear()
        numbers = await partitions(database, code)
        run = await carry_out(service, code, round_, model)
        stored = await facts(database, code)
        assert {(row.day, row.measure, row.region): (row.value, row.revision) for row in stored} == model.stored
        assert await revisions(database, code) == model.before
        now = await partitions(database, code)
        assert {month for month, number in now.items() if number != numbers.get(month)} == model.months
        for name in ("created", "updated", "unchanged", "withdrawn", "duplicates"):
            assert getattr(run, name) == model.counted[name], name
        assert run.seen == len(model.met)
