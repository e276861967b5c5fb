"""Every path the gateway answers."""

from collections.abc import Mapping

from starlette.routing import BaseRoute, Route

from gateway.graph.execution import Executes
from gateway.graph.schema import schema_text
from gateway.web.graphql import FindAuthenticator, GraphQLEndpoint, MakeContext
from gateway.web.pages import landing, schema_page
from gateway.web.status import Check, healthz, readyz

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""Methods that reach the endpoint, so that all but two are refused with a code."""


def build_routes(
    executor: Executes,
    make_context: MakeContext,
    find_authenticator: FindAuthenticator,
    checks: Mapping[str, Check],
) -> list[BaseRoute]:
    """The routes of the application; both functions are called once for each GraphQL request."""
    graphql = GraphQLEndpoint(executor, make_context, find_authenticator)
    return [
        Route("/", landing),
        Route("/graphql", graphql.answer, methods=METHODS),
        Route("/schema.graphql", schema_page(schema_text(executor.schema))),
        Route("/healthz", healthz),
        Route("/readyz", readyz(checks)),
    ]
