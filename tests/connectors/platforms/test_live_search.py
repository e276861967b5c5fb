"""The platforms' own searches through their manifests: what is found is what the platform's whole catalog holds."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector, read_manifest_file
from connectors.platforms import builtin_manifests
from connectors.records import HarvestRequest, LiveQuery
from connectors.simulators import SIMULATORS
from connectors.transport import in_process
from schema.platforms import Capability
from schema.resources import ResourceRecord
from schema.stages import Stage

SIZE = 400


def connector(code: str) -> ManifestConnector:
    """The connector of a built-in manifest."""
    [path] = [path for path in builtin_manifests() if path.name == f"{code}.yaml"]
    found = read_manifest_file(path).connector
    assert found is not None
    return found


def context(code: str) -> ConnectorContext:
    """The world of a platform's connector, with its simulator in it."""
    simulator = SIMULATORS[code]
    return ConnectorContext(code, in_process(simulator.build(size=SIZE)), simulator.secrets)


def test_the_platforms_with_a_search_of_their_own() -> None:
    able = {code for code in SIMULATORS if Capability.LIVE_SEARCH in connector(code).capabilities}
    assert able == {"chongqing", "sichuan", "yuzhong", "zibo"}


def in_mathematics(record: ResourceRecord) -> bool:
    return any(subject.code == "mathematics" for subject in record.subjects)


def in_junior_secondary(record: ResourceRecord) -> bool:
    return Stage.JUNIOR_SECONDARY in record.stages


@pytest.mark.parametrize("code", ["chongqing", "sichuan", "yuzhong", "zibo"])
@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({"subjects": ("mathematics",)}, in_mathematics),
        ({"stages": ("JUNIOR_SECONDARY",)}, in_junior_secondary),
        (
            {"stages": ("JUNIOR_SECONDARY",), "subjects": ("mathematics",)},
            lambda record: in_mathematics(record) and in_junior_secondary(record),
        ),
    ],
    ids=["subject", "stage", "both"],
)
async def test_filters_of_the_platform_find_what_the_harvest_holds(
    code: str, filters: dict[str, tuple[str, ...]], fits: Callable[[ResourceRecord], bool]
) -> None:
    found, world = connector(code), context(code)
    harvested = [one.record async for page in found.harvest(world, HarvestRequest()) for one in page.accepted]
    answer = await found.search(world, LiveQuery(filters=filters, first=SIZE))
    assert answer.filtered_here == ()
    assert {one.record.native_id for one in answer.accepted} == {one.native_id for one in harvested if fits(one)}
    assert len(answer.accepted) > 5


@pytest.mark.parametrize("code", ["chongqing", "sichuan", "yuzhong", "zibo"])
async def test_words_find_records_mapped_as_the_harvest_maps_them(code: str) -> None:
    found, world = connector(code), context(code)
    harvested = {
        one.record.native_id: one.record
        async for page in found.harvest(world, HarvestRequest())
        for one in page.accepted
    }
    answer = await found.search(world, LiveQuery("勾股定理", first=5))
    assert len(answer.accepted) == 5
    assert answer.total is not None
    assert answer.total >= 5
    for one in answer.accepted:
        assert one.record == harvested[one.record.native_id]


async def test_what_a_platform_cannot_do_is_left_to_the_gateway() -> None:
    answer = await connector("zibo").search(
        context("zibo"), LiveQuery("数学", {"kinds": ("LESSON",)}, "NEWEST", first=3)
    )
    assert answer.filtered_here == ("kinds", "sort")
    assert len(answer.accepted) == 3


async def test_a_session_is_logged_in_once_for_all_searches_of_a_context() -> None:
    app = SIMULATORS["zibo"].build(size=SIZE)
    world = ConnectorContext("zibo", in_process(app), SIMULATORS["zibo"].secrets)
    found = connector("zibo")
    for text in ("数学", "语文"):
        await found.search(world, LiveQuery(text, first=3))
    # what is equal is the same world; another transport is not
    await found.search(replace(world), LiveQuery("英语", first=3))
    logins = [path for _, path in app.state.simulation.requests if path == "/api/auth/login"]
    assert len(logins) == 1
    await found.search(replace(world, transport=in_process(app)), LiveQuery("英语", first=3))
    logins = [path for _, path in app.state.simulation.requests if path == "/api/auth/login"]
    assert len(logins) == 2
