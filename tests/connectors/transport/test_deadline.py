"""One bound for everything done for a request."""

import asyncio

import pytest

from connectors.errors import Timeout
from connectors.transport import Bounded, Request, Response
from tests.connectors.transport.fakes import Scripted, get


class Sleepy:
    """Never answers."""

    async def send(self, request: Request) -> Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def aclose(self) -> None:
        pass


@pytest.mark.parametrize(("own", "bound", "given"), [(5, 60, 5), (600, 60, 60)])
async def test_the_lesser_of_the_two_bounds_counts(own: float, bound: float, given: float) -> None:
    inner = Scripted()
    await Bounded(inner, bound).send(get(timeout=own))
    assert [request.timeout for request in inner.asked] == [given]


async def test_what_takes_longer_is_a_timeout_without_the_query() -> None:
    with pytest.raises(Timeout, match=r"^GET https://platform.example/api: no complete answer within 0.01 seconds$"):
        await Bounded(Sleepy(), 0.01).send(get())
