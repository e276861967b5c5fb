"""Routes of GraphiQL: the page, and its files under addresses that never change their content."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.web.graphiql.assets import assets, page, version
from gateway.web.responses import revalidated, takes_gzip

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, and no script or style that does not stand in a file of ours."""
_SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Vary": "Accept-Encoding"}


def graphiql_routes() -> list[BaseRoute]:
    """The page at /graphiql and what it loads."""
    return [Route("/graphiql", _page), Route("/graphiql/{version}/{name}", _asset)]


async def _page(request: Request) -> Response:
    headers = {**_SAFE, "Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return revalidated(request, page(), "text/html; charset=utf-8", headers)


async def _asset(request: Request) -> Response:
    found = assets().get(request.path_params["name"])
    if found is None or request.path_params["version"] != version():
        return PlainTextResponse("Not Found", 404)
    headers = {**_SAFE, "Cache-Control": "public, max-age=31536000, immutable"}
    if takes_gzip(request.headers.get("accept-encoding")):
        return revalidated(request, found.squeezed, found.media_type, {**headers, "Content-Encoding": "gzip"})
    return revalidated(request, found.content, found.media_type, headers)
