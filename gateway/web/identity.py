"""Who asks, how often and at which cost: read from the headers of a request, before anything else of it is."""

import functools
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import HTTPConnection

from gateway.access.authentication import Credentials, InvalidPurpose, Unauthenticated, stated_purpose
from gateway.access.quotas import Allowance, Verdict
from gateway.identity import ANONYMOUS, Principal, Purpose
from gateway.web.refusals import Refusal

PURPOSE = "Shanhai-Purpose"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?P<more>-.*)?"
)
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="shanhai"'}
_REQUESTS, _COST = '"minute"', '"cost"'


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who asks, whom their quotas count, and the headers that every answer to them carries."""

    principal: Principal
    headers: Mapping[str, str] = field(default_factory=dict)
    client: str | None = None
    allowance: Allowance = field(default_factory=Allowance)
    per_minute: int | None = None

    def told(self, headers: Mapping[str, str]) -> "Admitted":
        """The same with other headers."""
        return Admitted(self.principal, headers, self.client, self.allowance, self.per_minute)


class Authenticator:
    """Lets in who is known, or nobody in particular, as often and as dearly as they may ask.

    `known` is what a key or token may do, `anonymous` what an address may do from which no credentials come.
    """

    def __init__(
        self, credentials: Credentials, known: Allowance | None = None, anonymous: Allowance | None = None
    ) -> None:
        self._credentials = credentials
        self._known, self._anonymous = known or Allowance(), anonymous or Allowance()

    async def admit(self, authorization: str | None, purpose: str | None, address: str | None = None) -> Admitted:
        """Who asks by these headers, from this address.

        Raises Refusal: 400 for an unknown purpose, 401 for credentials that are not accepted and 429 for a client that
        asks too often, or an address from which such credentials come too often; NotReady while the keys of an issuer
        cannot be had.
        """
        try:
            caller = await self._credentials.caller(authorization)
            principal = _with_purpose(caller.principal, stated_purpose(purpose))
        except Unauthenticated as error:
            counted = await self.again(Admitted(ANONYMOUS, client=address, allowance=self._anonymous))
            raise Refusal(error.code, error.message, {**counted.headers, **_CHALLENGE}) from None
        except InvalidPurpose as error:
            raise Refusal(error.code, error.message) from None
        anonymous = principal.client is None
        return await self.again(
            Admitted(
                principal,
                client=address if anonymous else principal.client,
                allowance=self._anonymous if anonymous else self._known,
                per_minute=caller.per_minute,
            )
        )

    async def again(self, admitted: Admitted) -> Admitted:
        """The same client with one request more; raises Refusal (429)."""
        quotas = admitted.allowance.requests
        if quotas is None or admitted.client is None:
            return admitted
        verdict = await quotas.take(admitted.client, admitted.per_minute)
        headers = _headers(admitted.headers, _REQUESTS, verdict, "")
        if not verdict.allowed:
            message = f"{verdict.limit} requests a minute are allowed; try again in {verdict.retry_seconds} s"
            raise Refusal("QUOTA_EXCEEDED", message, {**headers, "Retry-After": str(verdict.retry_seconds)})
        return admitted.told(headers)

    async def charge(self, admitted: Admitted, units: int) -> Admitted:
        """The same client after an operation of so many units of cost; raises Refusal (429)."""
        quotas = admitted.allowance.cost
        if quotas is None or admitted.client is None:
            return admitted
        verdict = await quotas.take(admitted.client, None, max(1, units))
        headers = _headers(admitted.headers, _COST, verdict, ';qu="cost"')
        if not verdict.allowed:
            message = (
                f"operations of {verdict.limit} units a minute are allowed, this one has {units}; "
                f"try again in {verdict.retry_seconds} s"
            )
            raise Refusal("COST_QUOTA_EXCEEDED", message, {**headers, "Retry-After": str(verdict.retry_seconds)})
        return admitted.told(headers)


def _with_purpose(principal: Principal, purpose: Purpose | None) -> Principal:
    return principal if purpose is principal.purpose else replace(principal, purpose=purpose)


def _headers(stated: Mapping[str, str], policy: str, verdict: Verdict, unit: str) -> dict[str, str]:
    """How much is left, in the form of draft-ietf-httpapi-ratelimit-headers: quota, window, remaining, reset."""
    left = f"{policy};r={verdict.remaining};t={verdict.reset_seconds}"
    quota = f"{policy};q={verdict.limit};w=60{unit}"
    return {
        **stated,
        "RateLimit-Policy": _listed(stated.get("RateLimit-Policy"), policy, quota),
        "RateLimit": _listed(stated.get("RateLimit"), policy, left),
    }


def _listed(line: str | None, policy: str, item: str) -> str:
    """The list with this item in the place of an earlier one of its policy."""
    if line is None:
        return item
    if policy not in line:
        return f"{line}, {item}"
    kept = [one for one in line.split(", ") if not one.startswith(policy)]
    return ", ".join((*kept, item))


def request_id(request: HTTPConnection) -> str:
    """The id of a request: the client's own `X-Request-Id` where it is a short plain word, else the trace id of its
    `traceparent` (W3C Trace Context), else a new one, which is a trace id too."""
    sent = request.headers.get("x-request-id")
    if sent and _REQUEST_ID.fullmatch(sent):
        return sent
    stated = request.headers.get("traceparent")
    parent = _TRACEPARENT.fullmatch(stated.strip()) if stated else None
    if parent and (parent["version"] != "00" or parent["more"] is None):
        return parent["trace"]
    return next(_FRESH_IDS)


def _fresh_ids() -> Iterator[str]:
    """Random ids; the system is asked for many at once, since asking takes longer than all else here."""
    while True:
        digits = secrets.token_hex(_ID_BYTES * _IDS_AT_ONCE)
        for start in range(0, len(digits), 2 * _ID_BYTES):
            yield digits[start : start + 2 * _ID_BYTES]


_ID_BYTES, _IDS_AT_ONCE = 16, 256
_FRESH_IDS = _fresh_ids()


def base_url_of(connection: HTTPConnection) -> str:
    """The address under which the client reached the gateway, without a slash at its end.

    It is one of HTTP also where the client came by WebSocket.
    """
    scope = connection.scope
    root_path = scope.get("app_root_path", scope.get("root_path", ""))
    return _base_url(
        scope["scheme"].replace("ws", "http", 1),
        connection.headers.get("host"),
        tuple(scope.get("server") or ()),
        root_path,
    )


@functools.lru_cache(maxsize=1_000)
def _base_url(scheme: str, host: str | None, server: tuple[Any, ...], root_path: str) -> str:
    """As starlette reads it from a request, which takes a tenth of the time of a kept answer; there are few of them."""
    headers = [] if host is None else [(b"host", host.encode("latin-1"))]
    scope = {"type": "http", "scheme": scheme, "headers": headers, "server": server or None, "root_path": root_path}
    return str(HTTPConnection({**scope, "path": "/", "query_string": b""}).base_url).rstrip("/")


def wants_fresh(cache_control: str | None) -> bool:
    """Whether a request's `Cache-Control` asks for an answer that was not kept."""
    if cache_control is None:
        return False
    return not {"no-cache", "no-store"}.isdisjoint(part.strip().lower() for part in cache_control.split(","))
