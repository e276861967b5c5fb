"""Which IP addresses are public, by the special-purpose registries of IANA (RFC 6890 and its successors)."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Azure, Google, Tencent, Huawei
        "169.254.170.2",  # AWS container credentials
        "100.100.100.200",  # Alibaba Cloud
        "192.0.0.192",  # Oracle Cloud
        "168.63.129.16",  # Azure host, in the midst of public addresses
        "fd00:ec2::254",  # AWS
        "fd20:ce::254",  # Google
    )
)
"""Where clouds hand out the credentials of the machine."""

_KINDS: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "unspecified"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("2001::/32", "Teredo"),
    ("2001::/23", "reserved"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("3fff::/20", "documentation"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("ff00::/8", "multicast"),
)
_NETWORKS: tuple[tuple[Network, str], ...] = tuple((ip_network(text), kind) for text, kind in _KINDS)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped (RFC 4291) or NAT64 (RFC 6052) one; any other as it is, without a zone."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        if address.scope_id is not None:
            return IPv6Address(int(address))  # with a zone it equals none that is written without
    return address


def not_public(address: Address) -> str | None:
    """What kind of address it is, such as `loopback`, where it is not public; None where it is.

    6to4 and Teredo carry another address inside and are given up by the internet: none of them counts as public.
    """
    inner = unwrapped(address)
    if inner in METADATA:
        return "cloud metadata"
    for network, kind in _NETWORKS:
        if inner in network:
            return kind
    return None if isinstance(inner, IPv4Address) or inner in _GLOBAL_UNICAST else "reserved"
