"""Where an address leads, read so strictly that no other parser or resolver can understand it differently."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from connectors.errors import EgressRefused
from connectors.transport.addresses import Address
from connectors.transport.urls import DEFAULT_PORTS

_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:]+)(?::([0-9]{1,5}))?", re.ASCII)
_PLAIN = re.compile(r"(https?)://([a-z0-9._:-]+)(?=[/?#]|\Z)")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?")
_LONGEST_NAME = 253

IN_FULL = "write four decimal numbers such as 192.0.2.1, or IPv6 such as [2001:db8::1]"


@dataclass(frozen=True, slots=True)
class Destination:
    """Scheme, host in lower case and port of an address; `address` where the host is an IP address.

    The host of an IPv6 address is its shortest spelling, without brackets.
    """

    scheme: str
    host: str
    port: int
    address: Address | None = None

    @property
    def authority(self) -> str:
        """Host and port, the port always written."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """The origin in the one spelling of `connectors.transport.urls.origin`."""
        return f"{self.scheme}://" + self.authority.removesuffix(f":{DEFAULT_PORTS[self.scheme]}")


def plain_origin(url: str) -> str | None:
    """The start of `url` up to its path, where nobody can read it in two ways; not always in the one spelling."""
    match = _PLAIN.match(url)
    return match[0] if match is not None and url.isprintable() else None


def destination(url: str) -> Destination:
    """Where `url` leads; raises `EgressRefused` for every spelling that could be understood in two ways."""
    plain = _PLAIN.match(url)
    if plain is not None and url.isprintable():
        return read_authority(plain[1], plain[2])
    try:
        parts = urlsplit(url)
    except ValueError:
        raise EgressRefused("an address that cannot be read; write it such as https://example.org/path") from None
    if parts.scheme not in DEFAULT_PORTS or not url.isprintable():
        raise EgressRefused("only http and https addresses without control characters are asked")
    return read_authority(parts.scheme, parts.netloc)


@lru_cache(maxsize=4096)
def read_authority(scheme: str, netloc: str) -> Destination:
    """Where host and port lead; raises `EgressRefused` for everything that is more or less than these."""
    shown = netloc.rpartition("@")[2]
    if "@" in netloc:
        raise _odd(shown, "a user or password before it", "leave it out and set a credential")
    for found, what, instead in (
        ("\\" in netloc, "a backslash", "use / after the host"),
        (not netloc.isascii(), "characters outside ASCII", "write digits as 0-9 and names in their xn-- form"),
        ("%" in netloc and "[" in netloc, "a zone id", "write the IPv6 address without it"),
        ("%" in netloc, "percent-encoding", "write the characters themselves"),
    ):
        if found:
            raise _odd(shown, what, instead)
    match = _AUTHORITY.fullmatch(netloc.lower())
    port = int(match[2] or DEFAULT_PORTS[scheme]) if match else 0
    if match is None or not 0 < port < 65_536:
        raise _odd(shown, "no readable host and port", "write host or host:port, IPv6 addresses in brackets")
    host, address = read_host(match[1])
    return Destination(scheme, host, port, address)


def read_host(text: str) -> tuple[str, Address | None]:
    """The host in its one spelling and the IP address it is, if it is one; IPv6 addresses come in brackets.

    Raises `EgressRefused` for anything but a full IP address or a regular DNS name in lower case.
    """
    try:
        if text.startswith("[") and text.endswith("]") and "%" not in text:
            six = IPv6Address(text[1:-1])
            return str(six), six
        if _ENDS_IN_A_NUMBER.fullmatch(text):
            four = IPv4Address(text)
            return str(four), four
    except ValueError:
        raise _odd(text, "an IP address that is not written in full", IN_FULL) from None
    if text.endswith("."):
        raise _odd(text, "a dot at the end", "leave the dot out")
    if len(text) > _LONGEST_NAME or not _NAME.fullmatch(text):
        raise _odd(text, "no regular DNS name", "write letters, digits, hyphens and dots")
    return text, None


def _odd(host: str, what: str, instead: str) -> EgressRefused:
    return EgressRefused(f"host {host[:80]!r} is refused: {what}; {instead}")
