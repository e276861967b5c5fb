"""Every path the gateway answers."""

from collections.abc import Collection, Mapping

from starlette.routing import BaseRoute, Route, WebSocketRoute

from gateway.graph.execution import Executes
from gateway.graph.pricing import Pricing
from gateway.graph.schema import schema_text
from gateway.web.graphiql import graphiql_routes
from gateway.web.graphql import FindAuthenticator, GraphQLEndpoint
from gateway.web.operations import MakeContext, Operations
from gateway.web.pages import landing, schema_page
from gateway.web.rules import Rules
from gateway.web.status import Check, healthz, readyz
from gateway.web.streaming.places import Places
from gateway.web.streaming.sockets import Sockets

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""Methods that are found without a look at all routes; others reach the endpoint too, and are refused with a code."""


def build_routes(
    executor: Executes,
    make_context: MakeContext,
    find_authenticator: FindAuthenticator,
    checks: Mapping[str, Check],
    rules: Rules | None = None,
    *,
    origins: Collection[str] = (),
    places: Places | None = None,
) -> list[BaseRoute]:
    """The routes of the application; both functions are called once for each GraphQL request.

    Without rules they are those of the defaults. `origins` are those whose pages may open a WebSocket beside our own,
    `places` where streams are counted.
    """
    rules, places = rules or Rules(), places or Places()
    pricing = Pricing(executor.schema._schema, rules.cost_limit)
    operations = Operations(executor, make_context, rules.documents, pricing, rules.gate)
    graphql = GraphQLEndpoint(operations, find_authenticator, rules, places)
    sockets = Sockets(operations, find_authenticator, places, rules.trusted_proxies, origins)
    return [
        Route("/", landing(graphiql=rules.graphiql)),
        *(graphiql_routes() if rules.graphiql else ()),
        Route("/graphql", graphql, methods=METHODS),
        Route("/graphql", graphql),
        WebSocketRoute("/graphql", sockets.serve),
        Route("/schema.graphql", schema_page(schema_text(executor.schema))),
        Route("/healthz", healthz),
        Route("/readyz", readyz(checks)),
    ]
