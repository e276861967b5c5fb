"""Faults on demand, as ASGI middleware: delay, error, error under 200, truncation, HTML instead of JSON, drift."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>统一身份认证</title></head><body>请登录</body></html>"


@dataclass(slots=True)
class Fault:
    """What goes wrong where a path starts with `path`: after `skip` sound answers, `times` times (None: always).

    `delay` waits seconds and then goes on. `status` answers at once, with `body` (JSON) if given; `html` answers with
    a login page. `keep` cuts a sound body to this share of its bytes. `rename` and `retype` ("text", "list", "null")
    change fields of a sound JSON body at any depth.
    """

    path: str = "/"
    times: int | None = 1
    skip: int = 0
    delay: float = 0.0
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    html: bool = False
    keep: float | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    retype: Mapping[str, str] = field(default_factory=dict)


class Faults:
    """The faults of one simulated platform; `failures` are its own error bodies by name, such as `throttled`."""

    def __init__(self, failures: Mapping[str, tuple[int, Any]]) -> None:
        self.failures = failures
        self.active: list[Fault] = []

    def clear(self) -> None:
        """Everything works again."""
        self.active.clear()

    def add(self, fault: Fault) -> Fault:
        """Make a fault of one's own; those added first act first."""
        self.active.append(fault)
        return fault

    def delay(self, seconds: float, *, path: str = "/", times: int | None = 1) -> Fault:
        """Answer late."""
        return self.add(Fault(path, times, delay=seconds))

    def error(self, status: int, *, path: str = "/", times: int | None = 1, **headers: str) -> Fault:
        """Answer with a status and no body of the dialect; `retry_after="3"` becomes the header Retry-After."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.add(Fault(path, times, status=status, headers=named))

    def fail(self, name: str = "server", *, path: str = "/", times: int | None = 1) -> Fault:
        """Answer with one of the platform's own errors, under 200 where the platform does so."""
        if name not in self.failures:
            raise ValueError(f"failure {name!r} is unknown here; known are {', '.join(sorted(self.failures))}")
        status, body = self.failures[name]
        return self.add(Fault(path, times, status=status, body=body))

    def truncate(self, keep: float = 0.5, *, path: str = "/", times: int | None = 1) -> Fault:
        """Cut the body."""
        return self.add(Fault(path, times, keep=keep))

    def html(self, *, path: str = "/", times: int | None = 1) -> Fault:
        """Answer with a login page under 200."""
        return self.add(Fault(path, times, html=True))

    def drift(
        self,
        *,
        rename: Mapping[str, str] | None = None,
        retype: Mapping[str, str] | None = None,
        path: str = "/",
        times: int | None = None,
    ) -> Fault:
        """Rename fields or change their type in every JSON answer."""
        return self.add(Fault(path, times, rename=rename or {}, retype=retype or {}))

    def due(self, path: str) -> list[Fault]:
        """The faults that act on a request now; counts go down."""
        acting = []
        for fault in list(self.active):
            if not path.startswith(fault.path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            acting.append(fault)
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.active.remove(fault)
        return acting


class FaultMiddleware:
    """Lets the due faults act on each request, before or after the platform has answered."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self.app, self.faults = app, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, wrongly where a fault is due."""
        due = self.faults.due(scope["path"]) if scope["type"] == "http" and self.faults.active else []
        for fault in due:
            if fault.delay:
                await asyncio.sleep(fault.delay)
            if (answer := _answer(fault)) is not None:
                await answer(scope, receive, send)
                return
        spoilers = [fault for fault in due if fault.keep is not None or fault.rename or fault.retype]
        if not spoilers:
            await self.app(scope, receive, send)
            return
        await _spoiled(self.app, spoilers, scope, receive, send)


def _answer(fault: Fault) -> Response | None:
    if fault.html:
        return HTMLResponse(LOGIN_PAGE)
    if fault.status is None:
        return None
    if fault.body is None:
        return Response(status_code=fault.status, headers=dict(fault.headers))
    return JSONResponse(fault.body, fault.status, dict(fault.headers))


async def _spoiled(app: ASGIApp, spoilers: list[Fault], scope: Scope, receive: Receive, send: Send) -> None:
    start: Message = {}
    body = bytearray()

    async def hold(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        body.extend(message.get("body", b""))

    await app(scope, receive, hold)
    answer = bytes(body)
    for fault in spoilers:
        if fault.rename or fault.retype:
            answer = _drifted(answer, fault)
        if fault.keep is not None:
            answer = answer[: int(len(answer) * fault.keep)]
    headers = [(name, value) for name, value in start["headers"] if name not in (b"content-length", b"etag")]
    start["headers"] = [*headers, (b"content-length", str(len(answer)).encode())]
    await send(start)
    await send({"type": "http.response.body", "body": answer})


def _drifted(answer: bytes, fault: Fault) -> bytes:
    try:
        value = json.loads(answer)
    except ValueError:
        return answer
    return json.dumps(_changed(value, fault), ensure_ascii=False, separators=(",", ":")).encode()


def _changed(value: Any, fault: Fault) -> Any:
    if isinstance(value, list):
        return [_changed(entry, fault) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        fault.rename.get(name, name): _retyped(_changed(entry, fault), fault.retype.get(name))
        for name, entry in value.items()
    }


def _retyped(value: Any, kind: str | None) -> Any:
    match kind:
        case "text":
            return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        case "list":
            return [value]
        case "null":
            return None
        case _:
            return value
