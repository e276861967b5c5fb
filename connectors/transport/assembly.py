"""Putting the transports around each other in the one order that is right."""

from collections.abc import Callable, Mapping

from connectors.transport.deadline import Bounded
from connectors.transport.limits import Limited, Limits
from connectors.transport.rerouting import Rerouted
from connectors.transport.retry import Retrying
from connectors.transport.seam import Transport


def _unchanged(transport: Transport) -> Transport:
    return transport


def assemble(
    inner: Transport,
    limits: Limits,
    reroutes: Mapping[str, str] | None = None,
    *,
    each_attempt: Callable[[Transport], Transport] = _unchanged,
) -> Transport:
    """The transport of one platform: deadline → retry → limits → reroute → `inner`.

    Waiting and retries count against the deadline, and every attempt keeps to the rate. `each_attempt` wraps what a
    retry repeats: a signature with a nonce has to be made anew for each attempt, and belongs here.
    """
    rerouted = Rerouted(inner, reroutes) if reroutes else inner
    return Bounded(Retrying(each_attempt(Limited(rerouted, limits)), limits), limits.timeout_seconds)
