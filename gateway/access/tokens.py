"""Tokens of an OpenID Connect issuer: their signature, their times, and who they say is asking."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt

from gateway.access.claims import ClaimRefused, granted, scopes_of, text_of
from gateway.access.jwks import ALGORITHMS, KeySet
from gateway.clock import Clock
from gateway.errors import InvalidInput
from gateway.identity import Principal

LEEWAY = timedelta(seconds=60)
"""How far clocks may be apart."""
LONGEST_TOKEN = 8 * 1024
"""Bytes of a token."""
TEACHER, ROLES, SCOPE = "shanhai_teacher", "shanhai_roles", "scope"
"""Claims beside those of RFC 7519."""
FindTeacher = Callable[[str], Awaitable[str | None]]
"""Our id of the teacher that a claim names, None where nobody is meant."""

_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class TokenRefused(Exception):
    """A token that opens nothing; the message says why, to who sent it."""


@dataclass(frozen=True, slots=True)
class TokenRules:
    """Whose tokens are accepted, meant for whom, and signed how; raises InvalidInput for what must not be accepted."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]

    def __post_init__(self) -> None:
        if unfit := [each for each in self.algorithms if each not in ALGORITHMS]:
            raise InvalidInput(
                f"SHANHAI_OIDC_ALGORITHMS: {unfit[0][:20]!r} is not accepted; possible are {', '.join(ALGORITHMS)}"
            )
        if not self.algorithms:
            raise InvalidInput(f"SHANHAI_OIDC_ALGORITHMS: name one of {', '.join(ALGORITHMS)}")


class TokenReader:
    """Makes principals of tokens; whatever is not plainly right is refused."""

    def __init__(self, rules: TokenRules, keys: KeySet, clock: Clock, find_teacher: FindTeacher) -> None:
        self._rules, self._keys, self._clock, self._find_teacher = rules, keys, clock, find_teacher

    async def principal(self, token: str) -> Principal:
        """Who asks by a token; raises TokenRefused, and NotReady while the issuer's keys cannot be had."""
        claims = await self._claims(token)
        self._check_times(claims)
        try:
            subject = text_of(claims, "sub")
            teacher = text_of(claims, TEACHER) if claims.get(TEACHER) is not None else None
            grants, scopes = granted(claims.get(ROLES)), scopes_of(claims.get(SCOPE))
        except ClaimRefused as refused:
            raise TokenRefused(str(refused)) from None
        return Principal(
            f"oidc:{subject}",
            grants=grants,
            teacher=None if teacher is None else await self._find_teacher(teacher),
            scopes=scopes,
            client=f"oidc:{subject}",
        )

    async def _claims(self, token: str) -> Mapping[str, Any]:
        """Claims of a token whose signature, issuer and audience are right."""
        if len(token) > LONGEST_TOKEN:
            raise TokenRefused(f"a token has at most {LONGEST_TOKEN} bytes")
        if not _SHAPE.fullmatch(token):
            raise TokenRefused("this is neither a key nor a signed token")
        algorithm, key_id = self._header(token)
        fitting = [key for key in await self._keys.find(key_id) if key.fits(algorithm)]
        if not fitting:
            raise TokenRefused("the issuer has no key of this `kid` for this `alg`")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                fitting[0].material(algorithm),
                algorithms=[algorithm],
                audience=self._rules.audience,
                issuer=self._rules.issuer,
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    # our own clock judges the times
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "enforce_minimum_key_length": True,
                },
            )
        except jwt.PyJWTError as error:
            raise TokenRefused(_reason(error)) from None
        except (ValueError, TypeError, RecursionError):
            raise TokenRefused("the token cannot be read") from None
        return claims

    def _header(self, token: str) -> tuple[str, str]:
        """Algorithm and key id that a token names, before anything of it can be believed."""
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise TokenRefused("the header of the token cannot be read") from None
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in self._rules.algorithms:
            raise TokenRefused(f"the `alg` of the token must be one of {', '.join(self._rules.algorithms)}")
        if not isinstance(key_id, str) or not key_id:
            raise TokenRefused("the token names no `kid`")
        return algorithm, key_id

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now, leeway = self._clock().timestamp(), LEEWAY.total_seconds()
        if _seconds(claims, "exp") <= now - leeway:
            raise TokenRefused("the token has expired")
        for name in ("nbf", "iat"):
            if name in claims and _seconds(claims, name) > now + leeway:
                raise TokenRefused(f"the token is not valid yet: its `{name}` lies in the future")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    """A NumericDate (RFC 7519, section 2): seconds since 1970."""
    value = claims[name]
    # compared before it is converted, since an integer may be too large for any float
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e12 < value < 1e12:
        raise TokenRefused(f"the `{name}` of the token is no time in seconds")
    return float(value)


def _reason(error: jwt.PyJWTError) -> str:
    """What may be told of a failed verification, in words that repeat nothing of the token."""
    match error:
        case jwt.InvalidAudienceError():
            return "the token is meant for somebody else: its `aud` is not ours"
        case jwt.InvalidIssuerError():
            return "the token is of another issuer"
        case jwt.MissingRequiredClaimError():
            return "the token lacks one of `exp`, `iss`, `aud` and `sub`"
        case _:
            return "the token cannot be verified"
