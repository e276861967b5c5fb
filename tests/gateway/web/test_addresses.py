"""Whose request it is when nobody says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from gateway.web.addresses import client_address

PEER = "10.0.0.9"


def address(forwarded: list[str], proxies: int, peer: str | None = PEER) -> str:
    headers = [(b"x-forwarded-for", line.encode("utf-8")) for line in forwarded]
    scope = {"type": "http", "headers": headers, "client": (peer, 1) if peer is not None else None}
    return client_address(Request(scope), proxies)


@pytest.mark.parametrize(
    ("forwarded", "proxies", "client"),
    [
        ([], 0, PEER),
        (["203.0.113.7"], 0, PEER),
        ([], 1, PEER),
        (["203.0.113.7"], 1, "203.0.113.7"),
        (["6.6.6.6, 203.0.113.7"], 1, "203.0.113.7"),
        (["6.6.6.6, 203.0.113.7, 10.0.0.1"], 2, "203.0.113.7"),
        (["6.6.6.6", "203.0.113.7", "10.0.0.1"], 2, "203.0.113.7"),
        (["203.0.113.7"], 2, "203.0.113.7"),
        (["203.0.113.7:4711"], 1, "203.0.113.7"),
        (["[2001:db8:1:2:3::4]:443"], 1, "2001:db8:1:2::/64"),
        (['"[2001:db8:1:2:3::4]"'], 1, "2001:db8:1:2::/64"),
        (["2001:db8:1:2:ffff::4"], 1, "2001:db8:1:2::/64"),
        (["::ffff:203.0.113.7"], 1, "203.0.113.7"),
        (["fe80::1%eth0"], 1, "fe80::/64"),
        (["203.0.113.7, unknown"], 1, PEER),
        (["203.0.113.7, "], 1, PEER),
    ],
)
def test_the_entry_that_the_outermost_trusted_proxy_wrote_is_the_client(
    forwarded: list[str], proxies: int, client: str
) -> None:
    assert address(forwarded, proxies) == client


def test_without_an_address_all_are_one_client() -> None:
    assert address([], 0, None) == address([], 0, "/run/socket") == "unknown"


@given(st.text(st.characters(codec="latin-1"), max_size=40), st.integers(0, 3))
def test_nothing_that_a_client_writes_before_the_proxies_entries_changes_who_it_is(text: str, proxies: int) -> None:
    known = ["203.0.113.7", *("10.0.0.1" for _ in range(proxies - 1))] if proxies else []
    expected = "203.0.113.7" if proxies else PEER
    assert address([text.replace("\n", " "), *known], proxies) == expected


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_any_text_is_some_client(text: str) -> None:
    assert address([text], 1)
