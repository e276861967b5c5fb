"""OAuth 2 client credentials of the 渝中 platform, by HTTP Basic or in the form."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from connectors.simulators.draw import digest
from connectors.simulators.simulation import Simulation

LIFETIME = 1800


class Tokens:
    """Access tokens that were given out, with the instant each ends."""

    def __init__(self, simulation: Simulation, seed: int) -> None:
        self._simulation, self._seed = simulation, seed
        self._given = 0
        self._ends: dict[str, int] = {}

    def grant(self, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, object]]:
        """Status and answer for a request to the token endpoint."""
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        given = _basic(headers.get("authorization", "")) or (form.get("client_id", ""), form.get("client_secret", ""))
        secrets = self._simulation.secrets
        wanted = f"{secrets['clientId']}\n{secrets['clientSecret']}"
        if not hmac.compare_digest("\n".join(given).encode(), wanted.encode()):
            return 401, {"error": "invalid_client"}
        self._given += 1
        token = digest(self._seed, "token", self._given)
        now = self._simulation.milliseconds()
        self._ends = {known: end for known, end in self._ends.items() if end > now}
        self._ends[token] = now + LIFETIME * 1000
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME, "scope": "catalog"}

    def good(self, authorization: str) -> bool:
        """Whether the header carries a living token."""
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and self._ends.get(token, 0) > self._simulation.milliseconds()


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(user), unquote(password)
