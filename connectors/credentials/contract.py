"""What a credential is: it completes a request, and can be told that it was refused."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from pydantic import ConfigDict

from connectors.credentials.vectors import VectorMismatch
from connectors.errors import ManifestError
from connectors.transport.seam import Request, Transport
from connectors.transport.tls import ClientCertificate
from schema.findings import Finding
from schema.records import Record

Clock = Callable[[], datetime]
SHORTEST_SECRET = 6
"""Characters; a value got at run time that is shorter would, when masked, take ordinary words with it."""


class Credential(ABC):
    """Proves to a platform who is asking. Never shows a secret in its repr, in logs or in errors."""

    @abstractmethod
    async def authorize(self, request: Request, transport: Transport) -> Request:
        """The request with its proof; may ask the platform for a token first, once for all that wait.

        Raises `CredentialRefused` when the platform gives no token, `Transient` and `Malformed` like any request.
        """

    def invalidate(self, refused: Request | None = None) -> None:
        """Forget a token that the platform refused, so that the next `authorize` fetches another.

        With `refused`, the request that was turned down, a token that has been replaced since is kept. Without
        a token there is nothing to do.
        """
        del refused

    def known_secrets(self) -> Iterable[str]:
        """Values that must not be shown and that are no secrets of the operator: tokens got at run time, joined proofs.

        Ask anew for every error, record and recording: they change while the credential is used. None by default.
        """
        return ()


class CredentialConfig(Record, ABC):
    """Base of the `credentials:` kinds of a manifest: names of secrets, never their values.

    A kind is a module of this package with a subclass whose `kind` is a `Literal`.
    """

    # a prefix such as "Bearer " and a joiner such as a line feed are blanks on purpose
    model_config = ConfigDict(str_strip_whitespace=False)

    @abstractmethod
    def build(self, secrets: Mapping[str, str], now: Clock) -> Credential:
        """The credential with its secrets; raises `ManifestError` naming a secret that is not set."""

    def certificate(self, secrets: Mapping[str, str]) -> ClientCertificate | None:
        """What the platform's transport must show when it connects; none by default.

        Raises `ManifestError` naming a secret that is not set.
        """
        del secrets
        return None

    def check_vectors(self) -> list[VectorMismatch]:
        """How golden vectors in the manifest differ from what is computed; empty where all agree or there are none."""
        return []


def secret_value(secrets: Mapping[str, str], name: str, pointer: str) -> str:
    """The value of the secret `name`, which a manifest references at `pointer` (RFC 6901, inside the credential)."""
    value = secrets.get(name)
    if value:
        return value
    message = f"the secret {name!r} is not set"
    raise ManifestError(
        message,
        [Finding(code="SECRET_MISSING", message=message, pointer=pointer, expected=f"a secret called {name!r}")],
    )
