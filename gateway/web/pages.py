"""The published schema and a plain first page; nothing on it comes from another origin."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.web.responses import compressed, revalidated, takes_gzip

Endpoint = Callable[[Request], Awaitable[Response]]

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Shanhai · 山海</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:46rem;margin:4rem auto;padding:0 1rem}
pre{background:#f4f4f2;padding:1rem;overflow:auto}</style>
<h1>Shanhai · 山海</h1>
<p>One GraphQL endpoint over regional education platforms: <code>POST /graphql</code>. Reading needs no key.</p>
<pre>curl -s /graphql -H 'Content-Type: application/json' \\
  -d '{"query": "{ platforms { code name resourceCount } }"}'</pre>
<p>GRAPHIQLThe schema: <a href="/schema.graphql">/schema.graphql</a>. Health: <a href="/healthz">/healthz</a>,
<a href="/readyz">/readyz</a>.</p>
</html>
"""


def landing(*, graphiql: bool) -> Endpoint:
    """A page that names the endpoint, and GraphiQL where it is shown."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
    page = _PAGE.replace("GRAPHIQL", 'Try it in <a href="/graphiql">GraphiQL</a>. ' if graphiql else "")

    async def endpoint(_request: Request) -> Response:
        return HTMLResponse(page, headers=headers)

    return endpoint


def schema_page(text: str) -> Endpoint:
    """An endpoint that serves the schema's text and answers 304 to a client that has it."""
    body = text.encode()
    squeezed, media_type = compressed(body), "text/plain; charset=utf-8"
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}

    async def endpoint(request: Request) -> Response:
        if takes_gzip(request.headers.get("accept-encoding")):
            return revalidated(request, squeezed, media_type, {**headers, "Content-Encoding": "gzip"})
        return revalidated(request, body, media_type, headers)

    return endpoint
