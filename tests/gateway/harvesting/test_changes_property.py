"""Whatever happens upstream, in whatever order and with whatever interruptions, the catalog equals a simple model."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from connectors.errors import Malformed, Unreachable
from connectors.records import HarvestPage
from gateway.harvesting import HarvestingService, RunState
from gateway.storage import Database
from tests.gateway.harvesting.upstream import Upstream, accepted, column, paged, rejected, rows

IDS = [f"r{number}" for number in range(8)]
KEPT = [accepted(f"kept{number}") for number in range(2)]
"""Always listed, so that no listing is empty."""


@dataclass
class Model:
    """What the catalog should hold: titles of live records, ids of withdrawn ones and of rejects."""

    live: dict[str, str] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    rejected: set[str] = field(default_factory=set)

    def take(self, page: HarvestPage) -> None:
        """Apply one stored page."""
        for item in page.accepted:
            native_id = item.record.native_id
            if native_id not in page.deleted:
                self.live[native_id] = item.record.title
                self.withdrawn.discard(native_id)
                self.rejected.discard(native_id)
        valid = {item.record.native_id for item in page.accepted}
        for reject in page.rejected:
            if reject.native_id and reject.native_id not in valid and reject.native_id not in page.deleted:
                self.rejected.add(reject.native_id)
        for native_id in page.deleted:
            self.rejected.discard(native_id)
            if self.live.pop(native_id, None) is not None:
                self.withdrawn.add(native_id)

    def end(self, met: set[str], rejects: set[str]) -> None:
        """Apply the end of a complete full run."""
        for native_id in set(self.live) - met:
            del self.live[native_id]
            self.withdrawn.add(native_id)
        self.rejected &= rejects


@dataclass
class Round:
    """One listing and how harvesting it goes: interrupted at some pages, or broken for good at one."""

    pages: list[HarvestPage]
    interruptions: list[int]
    broken_at: int | None


@st.composite
def listings(draw: DrawFn) -> Round:
    entries = draw(st.lists(st.tuples(st.sampled_from(IDS), st.integers(0, 2)), max_size=10))
    pages = paged(KEPT)
    for start in range(0, len(entries), 3):
        good = tuple(accepted(native_id, f"第{edition}版的课") for native_id, edition in entries[start : start + 3])
        bad = tuple(rejected(native_id) for native_id in draw(st.lists(st.sampled_from(IDS), max_size=2)))
        deleted = tuple(draw(st.lists(st.sampled_from(IDS), max_size=1)))
        pages.append(HarvestPage(good, bad, deleted))
    interruptions = sorted(draw(st.lists(st.integers(0, len(pages)), max_size=2)))
    broken_at = draw(st.one_of(st.none(), st.integers(max(interruptions, default=0), len(pages))))
    return Round(pages, interruptions, broken_at)


async def carry_out(service: HarvestingService, code: str, round_: Round, model: Model) -> None:
    """Harvest one listing through its interruptions; the model takes exactly the pages that were stored."""
    stored = 0
    stops = [(page, Unreachable("reset")) for page in round_.interruptions]
    for page, failure in [*stops, (round_.broken_at, Malformed("drift"))]:
        upstream = Upstream(round_.pages, code=code, fails_at=page, failure=failure)
        run = await service.run(upstream, upstream.context())
        end = len(round_.pages) if page is None else page
        for taken in round_.pages[stored:end]:
            model.take(taken)
        stored = end
        assert run.pages == stored
        if run.state is RunState.SUCCEEDED:
            met = {item.record.native_id for p in round_.pages for item in p.accepted}
            rejects = {r.native_id for p in round_.pages for r in p.rejected if r.native_id}
            model.end(met | rejects, rejects)
            assert run.seen == run.created + run.updated + run.unchanged + run.quarantined


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(listings(), min_size=1, max_size=4))
async def test_the_catalog_equals_the_model_after_any_history(database: Database, rounds: list[Round]) -> None:
    number = len(await column(database, "harvest_runs", "id"))
    code = f"platform{number}"
    service, model = HarvestingService(database), Model()
    for round_ in rounds:
        await carry_out(service, code, round_, model)
        stored = await rows(database, code)
        titles = {n: r.body.decode() for n, r in stored.items() if r.withdrawn_at is None}
        assert {n: model.live[n] in body for n, body in titles.items()} == dict.fromkeys(model.live, True)
        assert {n for n, r in stored.items() if r.withdrawn_at is not None} == model.withdrawn
        quarantine = await service.quarantined(code, first=50)
        assert {record.native_id for record in quarantine.records} == model.rejected
    numbers = [sequence for (sequence,) in await column(database, "resources", "sequence")]
    assert len(numbers) == len(set(numbers))
