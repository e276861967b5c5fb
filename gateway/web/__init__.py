"""GraphQL over HTTP, the exports that its reports link to, and the few plain pages beside it."""

from gateway.web.credentials import credential_routes
from gateway.web.exports import Exports, export_routes
from gateway.web.identity import Authenticator
from gateway.web.routes import build_routes
from gateway.web.status import Check
from gateway.web.streaming.places import Places

__all__ = ["Authenticator", "Check", "Exports", "Places", "build_routes", "credential_routes", "export_routes"]
