"""The shape of raw records is told at the end of a complete full run, and only then."""

import pytest

from connectors.errors import Malformed, Unreachable
from connectors.records import HarvestPage
from connectors.shapes import Shape
from gateway.harvesting import HarvestingService, HarvestKind, RunState
from gateway.storage import Database
from tests.gateway.harvesting.upstream import Upstream, accepted, rejected

PAGES = [
    HarvestPage((accepted("a"),), shape=Shape.of([{"id": 1, "name": "观摩课"}])),
    HarvestPage((), (rejected("b"),), shape=Shape.of([{"id": "2"}])),
    HarvestPage((accepted("c"),)),
]


class Listener:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, str, Shape]] = []

    async def __call__(self, platform: str, version: int, run_id: str, shape: Shape) -> None:
        self.told.append((platform, version, run_id, shape))


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def service(database: Database, listener: Listener) -> HarvestingService:
    return HarvestingService(database, on_shape=listener)


async def test_the_shapes_of_all_pages_are_told_as_one(service: HarvestingService, listener: Listener) -> None:
    upstream = Upstream(PAGES, version=3)
    run = await service.run(upstream, upstream.context())
    shape = Shape(2, {"id": {"number": 1, "text": 1}, "name": {"text": 1}})
    assert listener.told == [("chongqing", 3, run.id, shape)]


async def test_a_complete_listing_without_one_valid_record_tells_its_shape(
    service: HarvestingService, listener: Listener
) -> None:
    upstream = Upstream(PAGES)
    await service.run(upstream, upstream.context())
    drifted = Upstream([HarvestPage((), (rejected("a"),), shape=Shape.of([{"title": 1}]))])
    run = await service.run(drifted, drifted.context())
    assert (run.state, run.error_code) == (RunState.PARTIAL, "EMPTY_LISTING")
    assert listener.told[1:] == [("chongqing", 1, run.id, Shape(1, {"title": {"number": 1}}))]


@pytest.mark.parametrize("failure", [Malformed("drift"), Unreachable("reset")])
async def test_an_interrupted_run_tells_nothing_nor_does_the_one_that_resumes_it(
    service: HarvestingService, listener: Listener, failure: Exception
) -> None:
    upstream = Upstream(PAGES, fails_at=1, failure=failure)
    broken = await service.run(upstream, upstream.context())
    assert listener.told == []
    upstream.fails_at = None
    run = await service.run(upstream, upstream.context())
    assert run.state is RunState.SUCCEEDED
    assert len(listener.told) == (run.id != broken.id)


async def test_incremental_runs_and_records_without_shape_tell_nothing(
    service: HarvestingService, listener: Listener
) -> None:
    plain = Upstream(PAGES[2:])
    await service.run(plain, plain.context())
    upstream = Upstream(PAGES)
    run = await service.run(upstream, upstream.context(), kind=HarvestKind.INCREMENTAL)
    assert (run.kind, listener.told) == (HarvestKind.INCREMENTAL, [])


async def test_a_listener_that_fails_does_not_fail_the_run(database: Database) -> None:
    async def broken(platform: str, version: int, run_id: str, shape: Shape) -> None:
        raise ZeroDivisionError("ours")

    upstream = Upstream(PAGES)
    run = await HarvestingService(database, on_shape=broken).run(upstream, upstream.context())
    assert (run.state, run.created) == (RunState.SUCCEEDED, 2)
