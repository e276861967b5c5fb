"""Demonstration values in the place of secrets, so that recordings of a platform can be shown to anybody."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import orjson

from connectors.credentials import CredentialSpec
from connectors.transport import Request, Response

SHORTEST = 4
_TELLING = re.compile(r"token|session|ticket|secret|cookie", re.IGNORECASE)


class TooShort(ValueError):
    """A secret that cannot be told apart from ordinary text."""


class Demonstration:
    """Replaces known secrets by demonstration values in every spelling in which they travel.

    `secrets` are the values by name. Raises `TooShort` naming a secret of less than four characters.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.secrets = {name: f"demo-{name}" for name in secrets}
        self._pairs: dict[str, str] = {}
        for name, value in secrets.items():
            if 0 < len(value) < SHORTEST:
                raise TooShort(f"the secret {name!r} is too short to be found in what is recorded; use a longer one")
            self._know(value, self.secrets[name])

    def learn(self, credentials: Iterable[CredentialSpec], asked: Request, answered: Response) -> None:
        """Note the tokens of an answer, if it is the answer to a login."""
        if urlsplit(asked.url).path not in {urlsplit(url).path for spec in credentials for url in _logins(spec)}:
            return
        cookies = re.findall(r"(?:^|,\s*)[^=;,\s]+=([^;,\s]+)", answered.headers.get("set-cookie", ""))
        for value in [*_tokens(answered.body), *cookies]:
            if len(value) >= SHORTEST and value not in self._pairs:
                self._know(value, f"demo-token-{len(self._pairs)}")

    def text(self, text: str) -> str:
        """Text with demonstration values."""
        # the longest first, so that a secret inside another does not leave the rest behind
        for value in sorted(self._pairs, key=len, reverse=True):
            text = text.replace(value, self._pairs[value])
        return text

    def body(self, body: bytes) -> bytes:
        """Bytes with demonstration values, whatever their encoding."""
        for value in sorted(self._pairs, key=len, reverse=True):
            body = body.replace(value.encode(), self._pairs[value].encode())
        return body

    def _know(self, value: str, shown: str) -> None:
        if value:
            self._pairs |= dict(zip(_spellings(value), _spellings(shown), strict=True))


def _spellings(value: str) -> list[str]:
    escaped = [json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
    return [*escaped, quote(value, safe=""), quote_plus(value), base64.b64encode(value.encode()).decode(), value]


def _logins(spec: Any) -> Iterator[str]:
    """The addresses at which a credential asks for tokens."""
    if hasattr(spec, "token_url"):
        yield spec.token_url
    if hasattr(spec, "login"):
        yield spec.login.url
    for inner in getattr(spec, "of", ()):
        yield from _logins(inner)


def _tokens(body: bytes) -> list[str]:
    try:
        return list(_telling(orjson.loads(body), told=False))
    except orjson.JSONDecodeError:
        return []


def _telling(value: Any, *, told: bool) -> Iterator[str]:
    """Texts under names that speak of tokens."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _telling(inner, told=told or bool(_TELLING.search(name)))
    elif isinstance(value, list):
        for inner in value:
            yield from _telling(inner, told=told)
    elif isinstance(value, str) and told:
        yield value
