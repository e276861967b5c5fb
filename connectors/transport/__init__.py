"""Everything that leaves the process: the seam, its two implementations, and what is wrapped around it."""

from connectors.transport.assembly import assemble, open_transport
from connectors.transport.confinement import Confined
from connectors.transport.deadline import Bounded, Until
from connectors.transport.egress import EgressPolicy
from connectors.transport.fast_transport import FastTransport
from connectors.transport.httpx_transport import HttpxTransport, in_process
from connectors.transport.limits import Limited, Limits
from connectors.transport.recording import Exchange, Recording
from connectors.transport.redaction import Redactor
from connectors.transport.rerouting import Rerouted
from connectors.transport.retry import Retrying, retry_after_seconds
from connectors.transport.seam import Request, Response, Transport
from connectors.transport.tls import ClientCertificate

__all__ = [
    "Bounded",
    "ClientCertificate",
    "Confined",
    "EgressPolicy",
    "Exchange",
    "FastTransport",
    "HttpxTransport",
    "Limited",
    "Limits",
    "Recording",
    "Redactor",
    "Request",
    "Rerouted",
    "Response",
    "Retrying",
    "Transport",
    "Until",
    "assemble",
    "in_process",
    "open_transport",
    "retry_after_seconds",
]
