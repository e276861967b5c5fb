"""Mutual TLS with a real server that insists on a certificate of its own authority."""

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.errors import Unreachable
from connectors.transport import (
    ClientCertificate,
    EgressPolicy,
    FastTransport,
    HttpxTransport,
    Limits,
    Request,
    open_transport,
)
from connectors.transport.tls import tls_context
from tests.connectors.transport.certificates import Authority, pem_of

PLATFORM = "platform.example"
Kind = type[HttpxTransport] | type[FastTransport]


@dataclass
class Served:
    """A TLS server on loopback: its port, and what its clients said in the handshake."""

    port: int = 0
    names: list[str | None] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Province Test Authority")


@pytest.fixture(params=[HttpxTransport, FastTransport])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Every implementation that opens connections."""
    found: Kind = request.param
    return found


def presented(authority: Authority, name: str = "shanhai") -> ClientCertificate:
    certificate, key = authority.issue(name)
    return ClientCertificate(certificate, pem_of(key))


@asynccontextmanager
async def serving(authority: Authority, folder: Path, name: str = PLATFORM) -> AsyncIterator[Served]:
    certificate, key = authority.issue(name)
    chain = folder / "server.pem"
    chain.write_text(certificate + pem_of(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    context.load_verify_locations(cadata=authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    served = Served()
    context.sni_callback = lambda _socket, asked, _context: served.names.append(asked)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        [[(_, client)]] = writer.get_extra_info("peercert")["subject"]
        served.clients.append(client)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    served.port = server.sockets[0].getsockname()[1]
    async with server:
        yield served


async def loopback(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


async def asked(kind: Kind, port: int, certificate: ClientCertificate | None, authorities: str | None) -> int:
    policy = EgressPolicy.parse([PLATFORM])
    transport = kind(policy=policy, resolver=loopback, certificate=certificate, authorities=authorities)
    try:
        return (await transport.send(Request("GET", f"https://{PLATFORM}:{port}/", timeout=5))).status
    finally:
        await transport.aclose()


async def test_a_client_certificate_is_shown_to_the_server_of_the_name(
    kind: Kind, authority: Authority, tmp_path: Path
) -> None:
    async with serving(authority, tmp_path) as served:
        assert await asked(kind, served.port, presented(authority), authority.certificate) == 200
    assert (served.names, served.clients) == ([PLATFORM], ["shanhai"])


async def test_without_or_with_a_foreign_certificate_nothing_is_answered(
    kind: Kind, authority: Authority, tmp_path: Path
) -> None:
    async with serving(authority, tmp_path) as served:
        for certificate in (None, presented(Authority("Somebody else"))):
            with pytest.raises(Unreachable):
                await asked(kind, served.port, certificate, authority.certificate)
    assert served.clients == []


async def test_a_server_that_no_known_authority_vouches_for_is_not_asked(
    kind: Kind, authority: Authority, tmp_path: Path
) -> None:
    async with serving(authority, tmp_path) as served:
        for authorities in (None, Authority("Somebody else").certificate):
            with pytest.raises(Unreachable):
                await asked(kind, served.port, presented(authority), authorities)
    assert served.clients == []


async def test_a_server_under_another_name_is_not_asked(kind: Kind, authority: Authority, tmp_path: Path) -> None:
    async with serving(authority, tmp_path, "other.example") as served:
        with pytest.raises(Unreachable):
            await asked(kind, served.port, presented(authority), authority.certificate)
    assert served.clients == []


@pytest.mark.parametrize("fast", [False, True])
async def test_the_assembled_transport_takes_certificates(authority: Authority, tmp_path: Path, fast: bool) -> None:
    async with serving(authority, tmp_path, "localhost") as served:
        transport = open_transport(
            Limits(retries=0),
            {f"https://{PLATFORM}": f"https://localhost:{served.port}"},
            certificate=presented(authority),
            authorities=authority.certificate,
            fast=fast,
        )
        assert (await transport.send(Request("GET", f"https://{PLATFORM}/", timeout=5))).body == b"{}"
        await transport.aclose()
    assert served.clients == ["shanhai"]


def test_the_key_is_not_shown(authority: Authority) -> None:
    certificate = presented(authority)
    assert "PRIVATE KEY" in certificate.key
    assert "PRIVATE KEY" not in repr(certificate)


def test_nothing_stays_on_disk(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    tls_context(presented(authority))
    with pytest.raises(ValueError, match="cannot be used"):
        tls_context(ClientCertificate("nothing", "s3cret"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", ["no pem", "key of another", "passphrase", "not ascii", "no key"])
def test_a_certificate_that_cannot_be_used_is_refused_without_quoting_it(authority: Authority, fault: str) -> None:
    certificate, key = authority.issue("shanhai")
    _, other = authority.issue("shanhai")
    given = {
        "no pem": ClientCertificate("s3cret", "s3cret"),
        "key of another": ClientCertificate(certificate, pem_of(other)),
        "passphrase": ClientCertificate(certificate, pem_of(key, b"s3cret")),
        "not ascii": ClientCertificate(certificate, "密钥 s3cret"),
        "no key": ClientCertificate(certificate, ""),
    }[fault]
    with pytest.raises(ValueError, match="the client certificate cannot be used: PEM text of it") as caught:
        tls_context(given)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__
    with pytest.raises(ValueError, match="the client certificate cannot be used"):
        FastTransport(certificate=given)


def test_a_key_that_only_one_transport_can_use_is_refused_by_the_other(authority: Authority) -> None:
    certificate, key = authority.issue("shanhai", ec.SECP256K1())
    given = ClientCertificate(certificate, pem_of(key))
    HttpxTransport(certificate=given)
    with pytest.raises(ValueError, match=r"cannot be used by the fast transport: .* SHANHAI_LIVE_TRANSPORT=httpx"):
        FastTransport(certificate=given)


@pytest.mark.parametrize(
    "text", ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "证书"]
)
def test_authorities_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the certificates of the authorities cannot be read; PEM text is needed"):
        tls_context(authorities=text)
