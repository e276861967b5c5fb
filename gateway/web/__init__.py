"""GraphQL over HTTP, the exports that its reports link to, and the few plain pages beside it."""

from gateway.web.credentials import credential_routes
from gateway.web.documents import Documents, read_documents
from gateway.web.exports import Exports, export_routes
from gateway.web.gate import Gate
from gateway.web.identity import Authenticator
from gateway.web.routes import build_routes
from gateway.web.rules import Rules
from gateway.web.status import Check
from gateway.web.streaming.places import Places

__all__ = [
    "Authenticator",
    "Check",
    "Documents",
    "Exports",
    "Gate",
    "Places",
    "Rules",
    "build_routes",
    "credential_routes",
    "export_routes",
    "read_documents",
]
