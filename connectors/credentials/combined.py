"""Several proofs in one request: `{kind: combined, of: [{kind: mutualTls, ...}, {kind: apiKey, ...}]}`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from connectors.components import one_of
from connectors.credentials.contract import Clock, Credential, CredentialConfig
from connectors.credentials.mutual_tls import MutualTlsSpec
from connectors.credentials.signing import HmacSpec
from connectors.credentials.vectors import VectorMismatch
from connectors.transport.seam import Request, Transport
from connectors.transport.tls import ClientCertificate


class CombinedSpec(CredentialConfig):
    """`kind: combined`: every one proves itself in its turn; what signs comes last and covers the others."""

    model_config = ConfigDict(defer_build=True)  # it holds kinds of its own package

    kind: Literal["combined"]
    of: tuple[Annotated[CredentialConfig, one_of("connectors.credentials", CredentialConfig, "kind")], ...] = Field(
        min_length=2, max_length=4
    )

    @model_validator(mode="after")
    def _can_be_combined(self) -> Self:
        if any(isinstance(member, CombinedSpec) for member in self.of):
            raise ValueError("a combined credential stands in no other; list its members here")
        if any(isinstance(member, HmacSpec) for member in self.of[:-1]):
            raise ValueError("hmac comes last, because a request is signed when it is complete")
        if sum(isinstance(member, MutualTlsSpec) for member in self.of) > 1:
            raise ValueError("a connection shows one certificate; mutualTls stands here once")
        return self

    def build(self, secrets: Mapping[str, str], now: Clock) -> Credential:
        """All of them, each with its secrets."""
        return Combined([member.build(secrets, now) for member in self.of])

    def certificate(self, secrets: Mapping[str, str]) -> ClientCertificate | None:
        """The certificate of the member that has one."""
        found = [shown for member in self.of if (shown := member.certificate(secrets)) is not None]
        return found[0] if found else None

    def check_vectors(self) -> list[VectorMismatch]:
        """Those of the members, which say where they stand."""
        return [
            replace(wrong, within=f"/of/{number}{wrong.within}")
            for number, member in enumerate(self.of)
            for wrong in member.check_vectors()
        ]


class Combined(Credential):
    """Lets every credential complete the request in turn."""

    def __init__(self, members: Sequence[Credential]) -> None:
        self._members = tuple(members)

    async def authorize(self, request: Request, transport: Transport) -> Request:
        """The request with all proofs."""
        for member in self._members:
            request = await member.authorize(request, transport)
        return request

    def invalidate(self, refused: Request | None = None) -> None:
        """Nobody says which proof was refused, so all forget theirs."""
        for member in self._members:
            member.invalidate(refused)

    def known_secrets(self) -> Iterable[str]:
        """Those of all members."""
        return [secret for member in self._members for secret in member.known_secrets()]
