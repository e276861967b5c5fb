"""Which hosts, ports and addresses may be asked at all, whatever a manifest or an answer says."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import ip_network

from connectors.errors import EgressRefused
from connectors.transport.addresses import METADATA, Address, Network, not_public, unwrapped
from connectors.transport.destinations import Destination, destination, read_authority

PORTS = frozenset({80, 443, 8000, 8080, 8443})
LISTING = "an operator can list the host in SHANHAI_EGRESS_ALLOW (docs/egress.md)"


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """Public addresses on `ports`, and beside them what an operator lists.

    `allowed_hosts` are hosts (`lms.intranet`, `10.1.2.3`), hosts with a port (`127.0.0.1:9001`, `[fd00::1]:80`) or
    networks (`10.1.0.0/16`). A listed host may have any address, and any port unless it is listed with one; so may
    every host whose address lies in a listed network. A cloud metadata address must itself be listed as a host.
    Raises `ValueError` for an entry that is none of these.
    """

    allowed_hosts: frozenset[str] = frozenset()
    ports: frozenset[int] = PORTS
    _hosts: frozenset[tuple[str, int | None]] = field(init=False, repr=False, compare=False)
    _networks: tuple[Network, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the entries."""
        networks = {entry for entry in self.allowed_hosts if "/" in entry}
        object.__setattr__(self, "_networks", tuple(_network(entry) for entry in sorted(networks)))
        object.__setattr__(self, "_hosts", frozenset(_host(entry) for entry in self.allowed_hosts - networks))

    @classmethod
    def parse(cls, entries: Iterable[str]) -> "EgressPolicy":
        """The policy with these `allowed_hosts`; blanks around entries and empty ones do not count."""
        return cls(allowed_hosts=frozenset(entry.strip() for entry in entries if entry.strip()))

    def allowing(self, origins: Iterable[str]) -> "EgressPolicy":
        """This policy with the host and port of each origin, such as `http://127.0.0.1:9001`, listed."""
        return replace(self, allowed_hosts=self.allowed_hosts | {destination(one).authority for one in origins})

    def judge(self, url: str) -> Destination:
        """Where `url` leads; raises `EgressRefused` where that can be told without asking for its addresses."""
        place = destination(url)
        if place.address is not None:
            self.judge_address(place.host, place.port, place.address)
        elif not self._networks and not self._lists(place.host, place.port):
            self._judge_port(place.host, place.port)
        return place

    def judge_address(self, host: str, port: int, address: Address) -> None:
        """Raises `EgressRefused` unless `host` may be asked at this port of this address."""
        inner = unwrapped(address)
        trusted = self._lists(host, port)
        if inner in METADATA:
            trusted = trusted and host == str(inner)
        if trusted or (inner not in METADATA and any(inner in network for network in self._networks)):
            return
        self._judge_port(host, port)
        kind = not_public(address)
        if kind is not None:
            # the address itself stays unsaid: whoever registers a manifest must not learn the names inside
            raise EgressRefused(f"host {host!r} is refused: its address is not public but {kind}; {LISTING}")

    def _lists(self, host: str, port: int) -> bool:
        return (host, None) in self._hosts or (host, port) in self._hosts

    def _judge_port(self, host: str, port: int) -> None:
        if port not in self.ports:
            allowed = ", ".join(str(one) for one in sorted(self.ports))
            raise EgressRefused(f"port {port} of {host!r} is refused: only {allowed} are asked; {LISTING}")


def _network(entry: str) -> Network:
    try:
        network = ip_network(entry)
    except ValueError as error:
        raise ValueError(
            f"{entry!r} is no network ({error}); write one such as 10.1.0.0/16, and hosts without scheme or path"
        ) from None
    if network.prefixlen == 0:
        raise ValueError(f"{entry!r} is every address there is; list the networks that are needed")
    return network


def _host(entry: str) -> tuple[str, int | None]:
    """Host and port of an entry, which may be an IPv6 address without brackets."""
    authority = f"[{entry}]" if entry.count(":") > 1 and "[" not in entry else entry
    try:
        place = read_authority("http", authority)
        written = read_authority("https", authority).port == place.port
    except EgressRefused as error:
        raise ValueError(f"{entry!r} cannot be allowed: {error}; list host, host:port or a network") from None
    return place.host, place.port if written else None
