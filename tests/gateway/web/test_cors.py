"""Which headers a page of another origin may send and read."""

from gateway.application import create_app
from gateway.settings import Settings
from gateway.web.requests import SAFE_HEADERS
from tests.gateway.web.client import client_of

PAGE = "https://page.example"
MORE_HEADERS = ("shanhai-cost", "cache-control", "content-encoding", "traceparent", "baggage", "last-event-id")
"""Headers that the guides recommend, or that clients send by themselves, beside those that protect a GET."""


async def test_pages_that_are_let_in_may_state_a_purpose_and_read_what_is_left() -> None:
    asked = {"origin": PAGE, "access-control-request-method": "POST"}
    wanted = {"access-control-request-headers": "authorization, content-type, shanhai-purpose"}
    async with client_of(create_app(Settings(cors_origins=(PAGE,)))) as client:
        preflight = await client.options("/graphql", headers={**asked, **wanted})
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, PAGE)
        assert "shanhai-purpose" in preflight.headers["access-control-allow-headers"]
        for name in (*SAFE_HEADERS, *MORE_HEADERS):
            asked_for = {**asked, "access-control-request-headers": name}
            assert (await client.options("/graphql", headers=asked_for)).status_code == 200, name
        other = await client.options("/graphql", headers={**asked, "access-control-request-headers": "x-other"})
        assert other.status_code == 400
        shown = await client.get("/healthz", headers={"origin": PAGE})
    exposed = shown.headers["access-control-expose-headers"].split(", ")
    assert exposed == ["x-request-id", "retry-after", "ratelimit", "ratelimit-policy", "x-cache", "age"]


async def test_a_foreign_page_is_told_nothing_and_no_page_may_send_cookies() -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    async with client_of(create_app(Settings(cors_origins=(PAGE,)))) as client:
        foreign = await client.options("/graphql", headers={**asked, "origin": "https://evil.example"})
        assert (foreign.status_code, foreign.headers.get("access-control-allow-origin")) == (400, None)
        for response in (
            await client.options("/graphql", headers={**asked, "origin": PAGE}),
            await client.get("/healthz", headers={"origin": PAGE}),
        ):
            assert "access-control-allow-credentials" not in response.headers
            assert "origin" in response.headers["vary"].lower()
    async with client_of(create_app(Settings())) as client:
        nobody = await client.get("/healthz", headers={"origin": PAGE})
        assert "access-control-allow-origin" not in nobody.headers
    async with client_of(create_app(Settings(cors_origins=("*",)))) as client:
        everybody = await client.get("/healthz", headers={"origin": PAGE, "cookie": "a=b"})
        assert "access-control-allow-credentials" not in everybody.headers
