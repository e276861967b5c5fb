"""What a request makes is freed when it ends: nothing holds itself until the collector stops everybody to find it."""

import gc

import pytest

from gateway.graph.execution import Executor
from gateway.graph.schema import build_schema
from tests.gateway.graph.live import ANSWERS, MemoryLive
from tests.gateway.graph.test_loading import PAGE
from tests.gateway.graph.world import World

DETAIL = """
query($id: ID!) {
  node(id: $id) { ... on Resource { title platform { name health { state } } copies { title } related { totalCount } } }
  platforms { code resourceCount health { state } }
}
"""
STREAM = "subscription { searchStream { source { platform { code } } edges { node { title } } done } }"


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_request_leaves_nothing_to_the_collector(*, compiled: bool) -> None:
    executor, world = Executor(build_schema(), compiled=compiled, warmup=0), World()
    found = await executor.execute(PAGE, world.context(), {"first": 20})
    name = found.body["data"]["search"]["nodes"][0]["id"]
    for text, variables in ((PAGE, {"first": 20}), (DETAIL, {"id": name})):
        answer = await executor.execute(text, world.context(), variables)
        assert not answer.errors
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                await executor.execute(text, world.context(), variables)
            assert gc.collect() == 0
        finally:
            gc.enable()


async def test_a_stream_leaves_nothing_to_the_collector() -> None:
    world = World(live=(live := MemoryLive()))
    live.sources = [*ANSWERS[:1]] * 20
    await world.events(STREAM)
    gc.collect()
    gc.disable()
    try:
        assert len(await world.events(STREAM)) == 20
        assert gc.collect() == 0
    finally:
        gc.enable()
