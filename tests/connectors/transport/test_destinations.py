"""Hosts are taken in the one spelling that everybody reads alike."""

import re
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.errors import EgressRefused
from connectors.transport.destinations import destination, plain_origin
from connectors.transport.urls import origin

FULL = "not written in full; write four decimal numbers"
ODD = {
    "2130706433": FULL,
    "0177.0.0.1": FULL,
    "0x7f.0.0.1": FULL,
    "0x7f.1": FULL,
    "0X7F000001": FULL,
    "127.1": FULL,
    "127.0.0.1.": FULL,
    "1.2.3.256": FULL,
    "127.0.0.0x1": FULL,
    "platform.example.1": FULL,
    "[::1": "no readable host and port; write host or host:port",
    "[1.2.3.4]": FULL,
    "[::1::2]": FULL,
    "[fe80::1%25eth0]": "a zone id; write the IPv6 address without it",
    "[fe80::1%eth0]": "a zone id; write the IPv6 address without it",
    "::1": "no readable host and port",
    "platform.example.": "a dot at the end; leave the dot out",
    "platform..example": "no regular DNS name; write letters, digits, hyphens and dots",
    ".example": "no regular DNS name",
    "-a.example": "no regular DNS name",
    "a" * 64 + ".example": "no regular DNS name",
    "a." * 126 + "example": "no regular DNS name",
    "plat!form.example": "no regular DNS name",
    "%31%32%37.0.0.1": "percent-encoding; write the characters themselves",
    "127.0.0.1%00.example": "percent-encoding",
    "１２７.0.0.1": "characters outside ASCII; write digits as 0-9 and names in their xn-- form",
    "①②⑦.0.0.1": "characters outside ASCII",
    "127。0。0。1": "characters outside ASCII",
    "教育.example": "characters outside ASCII",
    "user@platform.example": "a user or password before it; leave it out and set a credential",
    "good.example:443@evil.example": "a user or password before it",
    "good.example\\@evil.example": "a user or password before it",
    "good.example\\.evil.example": "a backslash; use / after the host",
    "platform.example:": "no readable host and port",
    "platform.example:0": "no readable host and port",
    "platform.example:65536": "no readable host and port",
    "platform.example:80:80": "no readable host and port",
    "": "no readable host and port",
}


@pytest.mark.parametrize("host", ODD)
def test_an_odd_host_is_refused_with_what_is_wrong_and_what_instead(host: str) -> None:
    try:
        urlsplit(f"http://{host}/")
    except ValueError:
        expected = "an address that cannot be read"
    else:
        expected = ODD[host]
    with pytest.raises(EgressRefused) as caught:
        destination(f"http://{host}/path")
    assert expected in str(caught.value)


def test_a_refusal_quotes_no_password() -> None:
    with pytest.raises(EgressRefused) as caught:
        destination("http://user:s3cret@platform.example/?sign=s3cret")
    assert str(caught.value) == (
        "host 'platform.example' is refused: a user or password before it; leave it out and set a credential"
    )


@pytest.mark.parametrize("url", ["ftp://a.example/", "file:///etc/hosts", "gopher://a/", "//a.example", "a", ""])
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(EgressRefused, match="only http and https"):
        destination(url)


@pytest.mark.parametrize(
    ("url", "host", "port", "literal", "found"),
    [
        ("https://Platform.Example/a?b", "platform.example", 443, False, "https://platform.example"),
        ("http://platform.example:8080", "platform.example", 8080, False, "http://platform.example:8080"),
        ("http://xn--kprw13d.example:80/", "xn--kprw13d.example", 80, False, "http://xn--kprw13d.example"),
        ("http://a_b.host1", "a_b.host1", 80, False, "http://a_b.host1"),
        ("http://localhost/", "localhost", 80, False, "http://localhost"),
        ("http://192.0.2.1:443/", "192.0.2.1", 443, True, "http://192.0.2.1:443"),
        ("https://[2001:DB8:0::1]/", "2001:db8::1", 443, True, "https://[2001:db8::1]"),
        ("http://[::1]:8000/", "::1", 8000, True, "http://[::1]:8000"),
    ],
)
def test_a_regular_host_has_one_spelling(url: str, host: str, port: int, literal: bool, found: str) -> None:
    place = destination(url)
    assert (place.host, place.port, place.address is not None, place.origin) == (host, port, literal, found)


hosts = st.text(st.sampled_from("0127xaéf.:[]%@\\/?#-_１ \t"), max_size=14) | st.text(max_size=8)


@given(st.sampled_from(["http", "https"]), hosts)
@example("http", "0x7f.1")
@example("http", "a\\@b")
@example("https", "[::127.0.0.1]:80")
def test_what_is_accepted_means_the_same_to_the_parsers_that_send_and_compare(scheme: str, host: str) -> None:
    url = f"{scheme}://{host}/path"
    try:
        place = destination(url)
    except EgressRefused:
        return
    sent = httpx.URL(url)
    assert destination(f"{scheme}://{sent.netloc.decode()}") == place
    assert sent.raw_host.decode("ascii") in (place.host, (urlsplit(url).hostname or ""))
    if ":" not in place.host:
        assert place.origin == origin(url)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(EgressRefused):
        assert destination(text).scheme in ("http", "https")


@given(st.from_regex(r"(https?://)?[a-zA-Z0-9.:_@\\\[\]-]{0,24}([/?#][!-~ ]{0,8})?[\t\n]?", fullmatch=True))
def test_what_is_read_at_a_glance_is_read_as_with_care(url: str) -> None:
    plain = plain_origin(url)
    if plain is not None:
        parts = urlsplit(url)
        assert plain == f"{parts.scheme}://{parts.netloc}"
        assert url.isprintable()
    elif parsed := re.fullmatch(r"(https?://[a-z0-9._-]+)([/?#][!-~]*)?", url):
        raise AssertionError(f"{parsed[1]} is plain")
