"""Mutual TLS: `{kind: mutualTls, certificate: platformCertificate, key: platformKey}`; the connection is the proof."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from connectors.credentials.contract import Clock, Credential, CredentialConfig, secret_value
from connectors.credentials.none import Open
from connectors.transport.tls import ClientCertificate


class MutualTlsSpec(CredentialConfig):
    """`kind: mutualTls`; `certificate` (with its chain) and `key` (without passphrase) are names of secrets in PEM."""

    kind: Literal["mutualTls"]
    certificate_secret: str = Field(alias="certificate", min_length=1)
    key_secret: str = Field(alias="key", min_length=1)

    def build(self, secrets: Mapping[str, str], now: Clock) -> Credential:
        """A credential that changes no request, once both secrets are set."""
        del now
        self.certificate(secrets)
        return Open()

    def certificate(self, secrets: Mapping[str, str]) -> ClientCertificate:
        """What the transport shows when a connection is made."""
        return ClientCertificate(
            secret_value(secrets, self.certificate_secret, "/certificate"),
            secret_value(secrets, self.key_secret, "/key"),
        )
