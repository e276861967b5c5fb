"""Protocol presets: how a listing is asked for and read; found by name."""

from connectors.protocols.failures import Failure, FailureTable, Outcome
from connectors.protocols.requests import BodyParameters, RequestSpec
from connectors.protocols.rest import RawPage, RestListing

__all__ = ["BodyParameters", "Failure", "FailureTable", "Outcome", "RawPage", "RequestSpec", "RestListing"]
