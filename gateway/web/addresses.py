"""Whose request it is when nobody says so: the address of the client, behind as many proxies as the operator trusts."""

import ipaddress
from functools import lru_cache

from starlette.requests import HTTPConnection

_NETWORK = 64
"""Bits of an IPv6 address that tell clients apart; each of them has all addresses below."""


def client_address(request: HTTPConnection, trusted_proxies: int = 0) -> str:
    """The client's IPv4 address or IPv6 network, as text.

    Each trusted proxy adds the address it was asked from to the end of `X-Forwarded-For`; everything before those the
    client may have written itself. Without a readable entry it is the address of who is connected to us.
    """
    if trusted_proxies:
        forwarded = [part for line in request.headers.getlist("x-forwarded-for") for part in line.split(",")]
        told = _network(forwarded[max(0, len(forwarded) - trusted_proxies)]) if forwarded else None
        if told is not None:
            return told
    return (_network(request.client.host) if request.client else None) or "unknown"


@lru_cache(maxsize=1_024)
def _network(text: str) -> str | None:
    """`203.0.113.7`, `203.0.113.7:443`, `2001:db8::1` and `[2001:db8::1]:443` as a client; None for anything else."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _NETWORK), strict=False))
