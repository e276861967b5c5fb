"""A simulator stands in for a platform without anybody noticing."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport import Rerouted
from connectors.transport.urls import origin, with_origin
from tests.connectors.transport.fakes import Scripted, get


async def test_the_other_origin_is_asked_with_the_same_path_and_query() -> None:
    inner = Scripted()
    rerouted = Rerouted(inner, {"https://Platform.example:443/": "http://127.0.0.1:9001"})
    response = await rerouted.send(get("https://platform.example/api/list?q=%E5%8B%BE&b=%2f"))
    assert [request.url for request in inner.asked] == ["http://127.0.0.1:9001/api/list?q=%E5%8B%BE&b=%2f"]
    assert response.url == "https://platform.example/api/list?q=%E5%8B%BE&b=%2f"


@given(
    st.sampled_from(["https://platform.example", "https://PLATFORM.example", "https://platform.example:443", "x", ""]),
    st.text("/?#a%.@:\\ \t", max_size=8),
)
async def test_a_plain_address_is_rerouted_as_any_other(start: str, rest: str) -> None:
    inner, url = Scripted(), start + rest
    await Rerouted(inner, {"https://platform.example": "http://127.0.0.1:9001"}).send(get(url))
    try:
        meant = origin(url) == "https://platform.example"
    except ValueError:
        meant = False
    expected = with_origin(url, "http://127.0.0.1:9001") if meant else url
    assert [urlsplit(request.url) for request in inner.asked] == [urlsplit(expected)]


@pytest.mark.parametrize(
    "url", ["https://other.example/", "http://platform.example/", "https://platform.example:8443/", "nonsense"]
)
async def test_other_origins_pass_unchanged(url: str) -> None:
    inner = Scripted()
    await Rerouted(inner, {"https://platform.example": "http://127.0.0.1:9001"}).send(get(url))
    assert [request.url for request in inner.asked] == [url]


@pytest.mark.parametrize("routes", [{"https://a.example/path": "http://b.example"}, {"https://a.example": "b.example"}])
def test_routes_are_between_origins(routes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"origin|absolute"):
        Rerouted(Scripted(), routes)
