"""A confined transport sends where it may and nowhere else."""

import pytest

from connectors.errors import EgressRefused
from connectors.transport import Confined
from tests.connectors.transport.fakes import Scripted, get

HOME = ("https://Login.Example:443/token", "http://[::1]:9000")


@pytest.mark.parametrize(
    "url", ["https://login.example/token?a=1", "https://LOGIN.example:443/", "http://[0::1]:9000/"]
)
async def test_requests_to_its_origins_are_sent(url: str) -> None:
    inner = Scripted()
    assert (await Confined(inner, HOME).send(get(url))).status == 200
    assert [request.url for request in inner.asked] == [url]


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example/token",
        "https://login.example:8443/",
        "https://login.example.evil.example/",
        "https://evil.example/?https://login.example",
        "https://login.example@evil.example/",
        "https://login.example\\@evil.example/",
        "https://login.example./",
        "https://login%2eexample/",
        "ftp://login.example/",
        "/token",
    ],
)
async def test_requests_elsewhere_are_refused_and_not_sent(url: str) -> None:
    inner = Scripted()
    with pytest.raises(EgressRefused):
        await Confined(inner, HOME).send(get(url))
    assert inner.asked == []


async def test_the_refusal_names_what_was_asked_and_what_may_be() -> None:
    with pytest.raises(EgressRefused) as caught:
        await Confined(Scripted(), HOME).send(get("https://evil.example/token?client_secret=s3cret"))
    assert str(caught.value) == (
        "https://evil.example is refused: this request may go to http://[::1]:9000, https://login.example only"
    )
    with pytest.raises(EgressRefused, match="may go to nowhere only"):
        await Confined(Scripted(), ()).send(get())


async def test_closing_closes_what_is_inside() -> None:
    inner = Scripted()
    await Confined(inner, HOME).aclose()
    assert inner.closed
