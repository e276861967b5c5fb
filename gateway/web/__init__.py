"""GraphQL over HTTP and the few plain pages beside it."""

from gateway.web.identity import Authenticator
from gateway.web.routes import build_routes
from gateway.web.status import Check

__all__ = ["Authenticator", "Check", "build_routes"]
