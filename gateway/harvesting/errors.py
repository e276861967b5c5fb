"""What harvesting refuses, as part of the gateway's error tree.

GatewayError
├── HarvestInProgress    HARVEST_IN_PROGRESS   another harvest of the same platform is running
└── LeaseLost            LEASE_LOST            another process took the platform over while this one was harvesting
"""

from gateway.errors import GatewayError


class HarvestInProgress(GatewayError):
    """Another harvest of the same platform is running; wait for it to end."""

    code = "HARVEST_IN_PROGRESS"
    retryable = True


class LeaseLost(GatewayError):
    """Another process took the platform over; nothing of this run was written afterwards."""

    code = "LEASE_LOST"
    retryable = True
