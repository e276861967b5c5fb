"""Every path the gateway answers."""

from collections.abc import Collection, Mapping

from starlette.routing import BaseRoute, Route, WebSocketRoute

from gateway.graph.execution import Executor
from gateway.graph.schema import schema_text
from gateway.web.graphql import FindAuthenticator, GraphQLEndpoint
from gateway.web.pages import landing, schema_page
from gateway.web.status import Check, healthz, readyz
from gateway.web.streaming.operations import MakeContext
from gateway.web.streaming.places import Places
from gateway.web.streaming.sockets import Sockets

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""Methods that reach the endpoint, so that all but two are refused with a code."""


def build_routes(
    executor: Executor,
    make_context: MakeContext,
    find_authenticator: FindAuthenticator,
    checks: Mapping[str, Check],
    *,
    origins: Collection[str] = (),
    places: Places | None = None,
) -> list[BaseRoute]:
    """The routes of the application; both functions are called once for each GraphQL request.

    `origins` are those whose pages may open a WebSocket beside our own, `places` where streams are counted.
    """
    graphql = GraphQLEndpoint(executor, make_context, find_authenticator, places or Places())
    sockets = Sockets(graphql.operations, find_authenticator, graphql.places, origins)
    return [
        Route("/", landing),
        Route("/graphql", graphql.answer, methods=METHODS),
        WebSocketRoute("/graphql", sockets.serve),
        Route("/schema.graphql", schema_page(schema_text(executor.schema))),
        Route("/healthz", healthz),
        Route("/readyz", readyz(checks)),
    ]
