"""Only addresses of the public internet count as public."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.addresses import METADATA, not_public, unwrapped

KINDS = {
    "0.0.0.0": "unspecified",  # noqa: S104 - judged, not bound
    "0.1.2.3": "unspecified",
    "10.0.0.1": "private",
    "100.64.0.1": "carrier-grade NAT",
    "100.127.255.255": "carrier-grade NAT",
    "100.100.100.200": "cloud metadata",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "169.254.169.254": "cloud metadata",
    "169.254.1.1": "link-local",
    "168.63.129.16": "cloud metadata",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.8": "reserved",
    "192.0.0.192": "cloud metadata",
    "192.0.2.1": "documentation",
    "192.88.99.1": "6to4 relay",
    "192.168.1.1": "private",
    "198.18.0.1": "benchmarking",
    "198.51.100.7": "documentation",
    "203.0.113.7": "documentation",
    "224.0.0.1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "::": "unspecified",
    "::1": "loopback",
    "::127.0.0.1": "reserved",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:a9fe:a9fe": "cloud metadata",
    "::ffff:0:10.0.0.1": "reserved",
    "64:ff9b::10.0.0.1": "private",
    "64:ff9b::a9fe:a9fe": "cloud metadata",
    "64:ff9b:1::1": "reserved",
    "100::1": "reserved",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "Teredo",
    "2001:10::1": "reserved",
    "2001:db8::1": "documentation",
    "2002:7f00:1::": "6to4",
    "2002:808:808::1": "6to4",
    "3fff::1": "documentation",
    "5f00::1": "reserved",
    "fc00::1": "private",
    "fd00:ec2::254": "cloud metadata",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "reserved",
    "ff02::1": "multicast",
}
PUBLIC = (
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700::1111",
    "2400:3200::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
)


@pytest.mark.parametrize("text", KINDS)
def test_an_address_that_is_not_public_has_a_kind(text: str) -> None:
    assert not_public(ip_address(text)) == KINDS[text]


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_has_none(text: str) -> None:
    assert not_public(ip_address(text)) is None


@given(st.ip_addresses())
def test_nothing_is_public_that_the_standard_library_calls_private(address: IPv4Address | IPv6Address) -> None:
    inner = unwrapped(address)
    if not inner.is_global or inner.is_multicast or inner.is_reserved:
        assert not_public(address) is not None


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_what_it_is_without(address: IPv4Address) -> None:
    plain = not_public(address)
    assert not_public(IPv6Address(f"::ffff:{address}")) == plain
    assert not_public(IPv6Address(f"64:ff9b::{address}")) == plain
    assert not_public(IPv6Address(int(IPv6Address("2002::")) | int(address) << 80)) == "6to4"


def test_metadata_is_never_public() -> None:
    assert {not_public(address) for address in METADATA} == {"cloud metadata"}


@pytest.mark.parametrize("text", [text for text in KINDS if ":" in text and "%" not in text])
def test_a_zone_hides_no_address(text: str) -> None:
    assert not_public(ip_address(f"{text}%eth0")) == KINDS[text]
    assert unwrapped(ip_address(f"{text}%1")) == unwrapped(ip_address(text))
