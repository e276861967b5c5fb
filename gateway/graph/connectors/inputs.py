"""Credentials as clients send them."""

from collections.abc import Sequence

import strawberry

from gateway.errors import InvalidInput


@strawberry.input(description="Write-only: credentials are sealed at rest and never returned.")
class CredentialInput:
    """A secret that a manifest names, and its value."""

    name: str
    value: str


def credential_values(given: Sequence[CredentialInput] | None) -> dict[str, str]:
    """Values by name; raises InvalidInput, without repeating any of it, where a name comes twice."""
    values = {one.name: one.value for one in given or ()}
    if len(values) < len(given or ()):
        raise InvalidInput("credentials: each name may be given once")
    return values
