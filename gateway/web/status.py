"""Whether the process lives, and whether it is ready to answer."""

import logging
from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

Check = Callable[[], Awaitable[str | None]]
"""Says what is missing, or None when all is well; an exception counts as missing and is logged."""

_log = logging.getLogger("shanhai.web")


async def healthz(_request: Request) -> Response:
    """The process answers."""
    return _json({"status": "ok"}, 200)


def readyz(checks: Mapping[str, Check]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that is 200 when every check is content and 503 with the reasons otherwise."""

    async def endpoint(_request: Request) -> Response:
        missing = {name: reason for name, check in checks.items() if (reason := await _reason(name, check))}
        outcome = {name: missing.get(name, "ok") for name in checks}
        status = "not ready" if missing else "ready"
        return _json({"status": status, "checks": outcome}, 503 if missing else 200)

    return endpoint


async def _reason(name: str, check: Check) -> str | None:
    try:
        return await check()
    except Exception:  # whatever a check stumbles over, the answer is that we are not ready
        _log.exception("readiness check %s failed", name)
        return "failed; see the log"


def _json(body: object, status: int) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json", headers={"Cache-Control": "no-store"})
