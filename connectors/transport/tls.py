"""Certificates beyond the public ones: a gateway's own, and authorities of private networks."""

import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A client certificate with its chain and its private key without passphrase, both as PEM text.

    Every host that a transport reaches may ask for it: put `Confined` around a transport that has one.
    """

    certificate: str
    key: str = field(repr=False)


def tls_context(certificate: ClientCertificate | None = None, authorities: str | None = None) -> ssl.SSLContext:
    """Verifies servers against the public authorities and those of `authorities` (PEM), and shows `certificate`.

    Raises `ValueError` for PEM that cannot be used; the message quotes none of it.
    """
    context = httpx.create_ssl_context(trust_env=False)
    if authorities is not None:
        try:
            context.load_verify_locations(cadata=authorities)
        except (ssl.SSLError, TypeError, ValueError):
            raise ValueError("the certificates of the authorities cannot be read; PEM text is needed") from None
    if certificate is not None:
        _present(context, certificate)
    return context


def _present(context: ssl.SSLContext, certificate: ClientCertificate) -> None:
    # ssl loads a chain from files only; this one lives for one call, readable by nobody else
    with TemporaryDirectory(prefix="shanhai-tls-") as folder:
        path = Path(folder) / "client.pem"
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(f"{certificate.certificate}\n{certificate.key}\n")
            # an empty password keeps OpenSSL from asking for one on the terminal
            context.load_cert_chain(path, password="")
        except (ssl.SSLError, ValueError):
            raise ValueError(
                "the client certificate cannot be used: PEM text of it and of its key, without passphrase, is needed"
            ) from None
