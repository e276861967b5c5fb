"""GraphiQL for browsers: our own page over assets of an installed package, so that nothing comes from another host."""

from gateway.web.graphiql.pages import graphiql_routes

__all__ = ["graphiql_routes"]
