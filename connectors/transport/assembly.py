"""Putting the transports around each other in the one order that is right."""

from collections.abc import Mapping

from connectors.transport.deadline import Bounded
from connectors.transport.limits import Limited, Limits
from connectors.transport.rerouting import Rerouted
from connectors.transport.retry import Retrying
from connectors.transport.seam import Transport


def assemble(
    inner: Transport,
    limits: Limits,
    reroutes: Mapping[str, str] | None = None,
) -> Transport:
    """The transport of one platform: deadline → retry → limits → reroute → `inner`.

    Waiting and retries count against the deadline, and every attempt keeps to the rate.
    """
    rerouted = Rerouted(inner, reroutes) if reroutes else inner
    return Bounded(Retrying(Limited(rerouted, limits), limits), limits.timeout_seconds)
