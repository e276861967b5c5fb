"""The policy: public hosts on a few ports, and what the operator lists."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import EgressRefused
from connectors.transport import EgressPolicy
from connectors.transport.addresses import not_public

STRICT = EgressPolicy()


def connects(policy: EgressPolicy, host: str, port: int, address: str) -> bool:
    try:
        policy.judge_address(host, port, ip_address(address))
    except EgressRefused:
        return False
    return True


@pytest.mark.parametrize("port", [80, 443, 8000, 8080, 8443])
def test_public_hosts_are_asked_on_the_usual_ports(port: int) -> None:
    assert STRICT.judge(f"https://platform.example:{port}/").port == port
    assert connects(STRICT, "platform.example", port, "1.1.1.1")


@pytest.mark.parametrize("port", [22, 25, 5432, 6379, 9200])
def test_other_ports_are_refused(port: int) -> None:
    with pytest.raises(EgressRefused) as caught:
        STRICT.judge(f"http://platform.example:{port}/")
    assert str(caught.value) == (
        f"port {port} of 'platform.example' is refused: only 80, 443, 8000, 8080, 8443 are asked; "
        "an operator can list the host in SHANHAI_EGRESS_ALLOW (docs/egress.md)"
    )
    assert not connects(STRICT, "platform.example", port, "1.1.1.1")


def test_ports_can_be_chosen() -> None:
    assert EgressPolicy(ports=frozenset({9000})).judge("http://platform.example:9000/").port == 9000


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "[fd00:ec2::254]", "0.1.2.3"]
)
def test_addresses_that_are_not_public_are_refused_before_anything_is_sent(host: str) -> None:
    with pytest.raises(EgressRefused, match="its address is not public but"):
        STRICT.judge(f"http://{host}/")


def test_a_refusal_does_not_tell_the_address_of_a_name() -> None:
    with pytest.raises(EgressRefused) as caught:
        STRICT.judge_address("payroll.intranet", 80, IPv4Address("10.1.2.3"))
    assert str(caught.value) == (
        "host 'payroll.intranet' is refused: its address is not public but private; "
        "an operator can list the host in SHANHAI_EGRESS_ALLOW (docs/egress.md)"
    )


@pytest.mark.parametrize(
    ("entry", "host", "port", "address", "allowed"),
    [
        ("lms.intranet", "lms.intranet", 9000, "10.1.2.3", True),
        ("LMS.Intranet", "lms.intranet", 9000, "10.1.2.3", True),
        ("lms.intranet", "other.intranet", 80, "10.1.2.3", False),
        ("lms.intranet", "evil.lms.intranet", 80, "10.1.2.3", False),
        ("lms.intranet:9000", "lms.intranet", 9000, "10.1.2.3", True),
        ("lms.intranet:9000", "lms.intranet", 80, "10.1.2.3", False),
        ("lms.intranet:80", "lms.intranet", 8080, "10.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", 22, "10.1.2.3", True),
        ("10.1.2.3", "rebound.example", 80, "10.1.2.3", False),
        ("10.1.2.3:9000", "10.1.2.3", 9001, "10.1.2.3", False),
        ("10.1.0.0/16", "rebound.example", 5000, "10.1.2.3", True),
        ("10.1.0.0/16", "10.2.0.1", 80, "10.2.0.1", False),
        ("10.1.0.0/16", "mapped.example", 80, "::ffff:10.1.2.3", True),
        ("10.1.2.3/32", "any.example", 80, "10.1.2.3", True),
        ("fd00::1", "fd00::1", 9000, "fd00::1", True),
        ("[FD00:0::1]:9000", "fd00::1", 9000, "fd00::1", True),
        ("[fd00::1]:9000", "fd00::1", 80, "fd00::1", False),
        ("fd00::/8", "six.example", 9000, "fd12::1", True),
        ("169.254.0.0/16", "169.254.169.254", 80, "169.254.169.254", False),
        ("metadata.internal", "metadata.internal", 80, "169.254.169.254", False),
        ("169.254.169.254", "169.254.169.254", 80, "169.254.169.254", True),
        ("169.254.169.254", "rebound.example", 80, "169.254.169.254", False),
        ("fd00::/8", "six.example", 80, "fd00:ec2::254", False),
        ("fd00::/8", "six.example", 80, "fd00:ec2::254%1", False),
        ("fd00::/8", "six.example", 9000, "fd12::1%eth0", True),
        ("fd00:ec2::254", "fd00:ec2::254", 80, "fd00:ec2::254%1", True),
    ],
)
def test_what_an_operator_lists_is_allowed_and_nothing_beside(
    entry: str, host: str, port: int, address: str, allowed: bool
) -> None:
    assert connects(EgressPolicy.parse([entry]), host, port, address) is allowed


def test_a_port_waits_for_the_address_where_networks_are_listed() -> None:
    policy = EgressPolicy.parse(["10.1.0.0/16"])
    assert policy.judge("http://lms.intranet:9000/").port == 9000
    assert not connects(policy, "lms.intranet", 9000, "1.1.1.1")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("http://lms.intranet", "hosts without scheme or path"),
        ("lms.intranet/path", "hosts without scheme or path"),
        ("10.1.2.3/16", "has host bits set"),
        ("0.0.0.0/0", "every address there is"),
        ("::/0", "every address there is"),
        ("*.intranet", "no regular DNS name"),
        ("*", "no regular DNS name"),
        ("lms.intranet#x", "no regular DNS name"),
        ("lms.intranet:http", "no readable host and port"),
        ("lms.intranet:99999", "no readable host and port"),
        ("127.1", "not written in full"),
        ("a b", "no regular DNS name"),
        ("user@lms.intranet", "a user or password"),
    ],
)
def test_an_entry_that_is_none_is_refused_when_it_is_read(entry: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        EgressPolicy.parse(["lms.intranet", entry])
    assert repr(entry) in str(caught.value)


def test_blanks_around_entries_do_not_count() -> None:
    assert EgressPolicy.parse([" lms.intranet ", "", "  "]) == EgressPolicy(frozenset({"lms.intranet"}))


def test_targets_of_reroutes_are_allowed_with_their_port_only() -> None:
    policy = STRICT.allowing(["http://127.0.0.1:9001", "https://[::1]"])
    assert policy.judge("http://127.0.0.1:9001/x").port == 9001
    assert policy.judge("https://[::1]/x").port == 443
    for url in ("http://127.0.0.1:9002/", "http://127.0.0.1/", "http://[::1]/", "http://10.0.0.1/"):
        with pytest.raises(EgressRefused):
            policy.judge(url)
    with pytest.raises(EgressRefused):
        STRICT.judge("http://127.0.0.1:9001/x")


@given(st.ip_addresses())
def test_without_a_listing_the_kind_of_address_decides(address: IPv4Address | IPv6Address) -> None:
    assert connects(STRICT, "a.example", 443, str(address)) is (not_public(address) is None)
    assert not connects(STRICT, "a.example", 22, str(address))


def test_judging_costs_microseconds() -> None:
    urls = [f"https://platform.example/resources?page={page}" for page in range(1000)]
    best = min(_seconds(urls) for _ in range(5))
    assert best / len(urls) < 0.0001  # about 4 microseconds; the bound leaves room for a busy machine


def _seconds(urls: list[str]) -> float:
    started = perf_counter()
    for url in urls:
        STRICT.judge(url)
    return perf_counter() - started
