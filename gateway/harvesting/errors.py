"""What harvesting refuses, as part of the gateway's error tree.

GatewayError
├── HarvestInProgress       HARVEST_IN_PROGRESS        the platform has an unfinished run already
├── HarvestKindUnsupported  HARVEST_KIND_UNSUPPORTED   a kind of harvest that nothing carries out, or not this platform
├── RunEnded                INVALID_STATE              a run that is over cannot be cancelled
└── LeaseLost               LEASE_LOST                 another process took the platform over during the harvest
"""

from gateway.errors import GatewayError


class HarvestInProgress(GatewayError):
    """The platform has a run that waits or is under way; wait for it to end, or cancel it."""

    code = "HARVEST_IN_PROGRESS"
    retryable = True


class HarvestKindUnsupported(GatewayError):
    """A kind of harvest that cannot be carried out; the message says which can."""

    code = "HARVEST_KIND_UNSUPPORTED"


class RunEnded(GatewayError):
    """The run is over, so that nothing is left to cancel."""

    code = "INVALID_STATE"


class LeaseLost(GatewayError):
    """Another process took the platform over; nothing of this run was written afterwards."""

    code = "LEASE_LOST"
    retryable = True
