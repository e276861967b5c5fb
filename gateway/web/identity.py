"""Who asks and how often: read from the headers of a request, before anything else of it is."""

import functools
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request

from gateway.access.authentication import Credentials, InvalidPurpose, Unauthenticated, stated_purpose
from gateway.access.quotas import Quotas, Verdict
from gateway.identity import Principal
from gateway.web.refusals import Refusal

PURPOSE = "Shanhai-Purpose"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="shanhai"'}


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who asks, and the headers that every answer to them carries."""

    principal: Principal
    headers: Mapping[str, str] = field(default_factory=dict)


class Authenticator:
    """Lets in who is known, or nobody in particular, as often as they may ask."""

    def __init__(self, credentials: Credentials, quotas: Quotas | None = None) -> None:
        self._credentials, self._quotas = credentials, quotas

    async def admit(self, authorization: str | None, purpose: str | None) -> Admitted:
        """Who asks by these headers.

        Raises Refusal: 400 for an unknown purpose, 401 for credentials that are not accepted and 429 for a client that
        asks too often; NotReady while the keys of an issuer cannot be had.
        """
        try:
            caller = await self._credentials.caller(authorization)
            principal = replace(caller.principal, purpose=stated_purpose(purpose))
        except Unauthenticated as error:
            raise Refusal(error.code, error.message, _CHALLENGE) from None
        except InvalidPurpose as error:
            raise Refusal(error.code, error.message) from None
        if principal.client is None or self._quotas is None:
            return Admitted(principal)
        verdict = await self._quotas.take(principal.client, caller.per_minute)
        headers = _quota_headers(verdict)
        if not verdict.allowed:
            message = f"{verdict.limit} requests a minute are allowed; try again in {verdict.retry_seconds} s"
            raise Refusal("QUOTA_EXCEEDED", message, {**headers, "Retry-After": str(verdict.retry_seconds)})
        return Admitted(principal, headers)


def _quota_headers(verdict: Verdict) -> dict[str, str]:
    """How much is left, in the form of draft-ietf-httpapi-ratelimit-headers: quota, window, remaining, reset."""
    return {
        "RateLimit-Policy": f'"minute";q={verdict.limit};w=60',
        "RateLimit": f'"minute";r={verdict.remaining};t={verdict.reset_seconds}',
    }


def request_id(request: Request) -> str:
    """The id of a request: the client's own `X-Request-Id` where it is a short plain word, else a new one."""
    sent = request.headers.get("x-request-id", "")
    return sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex


def base_url_of(request: Request) -> str:
    """The address under which the client reached the gateway, without a slash at its end."""
    scope = request.scope
    root_path = scope.get("app_root_path", scope.get("root_path", ""))
    return _base_url(scope["scheme"], request.headers.get("host"), tuple(scope.get("server") or ()), root_path)


@functools.lru_cache(maxsize=1_000)
def _base_url(scheme: str, host: str | None, server: tuple[Any, ...], root_path: str) -> str:
    """As starlette reads it from a request, which takes a tenth of the time of a kept answer; there are few of them."""
    headers = [] if host is None else [(b"host", host.encode("latin-1"))]
    scope = {"type": "http", "scheme": scheme, "headers": headers, "server": server or None, "root_path": root_path}
    return str(Request({**scope, "path": "/", "query_string": b""}).base_url).rstrip("/")


def wants_fresh(cache_control: str | None) -> bool:
    """Whether a request's `Cache-Control` asks for an answer that was not kept."""
    if cache_control is None:
        return False
    return not {"no-cache", "no-store"}.isdisjoint(part.strip().lower() for part in cache_control.split(","))
