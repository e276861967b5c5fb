"""A platform that sends back whatever it was given: credentials in records, errors, headers and links."""

import base64
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, quote_plus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

STRANGER = "https://api.stranger.example"
RUNTIME = "runtime/t0ken+=&7d1e-planted"
"""The token that logins and token requests are given."""


def spellings(secret: str) -> set[str]:
    """How a secret may stand in a text: plain, URL-encoded, base64, JSON-escaped."""
    encoded = {quote(secret, safe=""), quote_plus(secret), base64.b64encode(secret.encode()).decode()}
    return {secret, *encoded, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}


@dataclass
class Echo:
    """Answers `/login`, `/token` and `/items`; `status` other than 200 refuses `/items`, with the secrets in the body.
    A `silent` one echoes nothing, a
    `disguised` one also encodes what it echoes in sound records, and makes field names of it.

    `heard` is what came with each request.
    """

    planted: tuple[str, ...]
    status: int = 200
    silent: bool = False
    disguised: bool = False
    heard: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        """The platform as an application."""
        routes = [
            Route("/login", self._login, methods=["POST"]),
            Route("/token", self._token, methods=["POST"]),
            Route("/{path:path}", self._items),
        ]
        return Starlette(routes=routes)

    async def _listen(self, request: Request) -> list[str]:
        body = (await request.body()).decode("utf-8", "replace")
        headers = " ".join(f"{name}={value}" for name, value in request.headers.items())
        query = " ".join(value for _, value in parse_qsl(request.url.query))
        basic = request.headers.get("authorization", "").removeprefix("Basic ")
        decoded = base64.b64decode(basic).decode("utf-8", "replace") if "Basic " in headers else ""
        carried = f"{headers} {query} {body} {decoded}"
        self.heard.append(f"{request.url.path} {request.url.query} {carried}")
        sent = [one for one in self.planted if any(each in carried for each in spellings(one))]
        return sorted({text for one in sent for text in spellings(one)}, key=lambda text: (text not in sent, text))

    async def _login(self, request: Request) -> Response:
        await self._listen(request)
        return JSONResponse({"data": {"token": RUNTIME}})

    async def _token(self, request: Request) -> Response:
        await self._listen(request)
        return JSONResponse({"access_token": RUNTIME, "expires_in": 3600})

    async def _items(self, request: Request) -> Response:
        echoes = [*await self._listen(request), request.headers.get("authorization", "")]
        if self.status != 200:
            body = {"error": "you sent " + " ".join(echoes), "message": echoes, **dict.fromkeys(echoes, "key")}
            return JSONResponse(body, self.status, {"x-echo": "".join(map(quote, echoes))})
        rows: list[dict[str, object]] = [{"id": "sound", "title": "勾股定理", "note": "", "subject": "数学"}]
        for number, echo in enumerate(() if self.silent else echoes):
            rows.append({"id": f"b{number}", "note": echo, "subject": "数学"})
            rows.append({"id": f"c{number}", "title": "课", "note": {"deep": [echo]}, "subject": echo})
            if echo in self.planted or self.disguised:
                rows.append({"id": f"a{number}", "title": f"你好 {echo}", "note": f"<b>{echo}</b>", "subject": "数学"})
                rows.append({"id": f"d{number} {echo}", "title": "课", "subject": "数学"})
            if self.disguised:
                rows.append({"id": f"e{number}", "title": "课", "subject": "数学", echo: echo})
        following = f"{STRANGER}/items?page=2&echo=" + quote("".join(echoes))
        return JSONResponse({"items": rows, "next": following if request.url.path == "/led-away" else None})
