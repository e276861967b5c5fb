"""Protocols: how a listing is asked for and read; one module each, found by name."""

from connectors.protocols.failures import Failure, FailureTable, Outcome
from connectors.protocols.listing import Broken, Listing, RawPage, Upstream, Walk
from connectors.protocols.requests import BodyParameters, RequestSpec

__all__ = [
    "BodyParameters",
    "Broken",
    "Failure",
    "FailureTable",
    "Listing",
    "Outcome",
    "RawPage",
    "RequestSpec",
    "Upstream",
    "Walk",
]
