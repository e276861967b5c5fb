"""What everybody is told of a platform's troubles, and what they mean for its circuit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from connectors.errors import (
    ConnectorError,
    CredentialRefused,
    EgressRefused,
    Malformed,
    ManifestError,
    PagingError,
    Throttled,
    Timeout,
    Transient,
    Unreachable,
    UpstreamFailure,
)
from connectors.protocols.exchange import NotFound
from gateway.catalog.live.asking.breaker import Verdict
from gateway.catalog.live.model import SourceAnswer, SourceOutcome, SourceState
from gateway.errors import NotReady


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure as everybody may know it: what the platform itself said is for its managers only."""

    state: SourceState
    code: str | None
    message: str
    verdict: Verdict = Verdict.FAILED


TOO_LATE = Trouble(SourceState.TIMEOUT, Timeout.code, "the platform gave no complete answer in time")
BUSY = Trouble(
    SourceState.TIMEOUT,
    "PLATFORM_BUSY",
    "so many questions to the platform are under way that another would not be answered in time",
    Verdict.UNREACHED,
)
CIRCUIT_OPEN = Trouble(
    SourceState.CIRCUIT_OPEN,
    "CIRCUIT_OPEN",
    "the platform failed repeatedly and is left alone for a moment",
    Verdict.UNREACHED,
)
NOT_SERVED = Trouble(SourceState.SKIPPED, NotReady.code, "the platform is not served at this moment", Verdict.UNREACHED)
NOTHING_VISIBLE = Trouble(SourceState.SKIPPED, None, "its resources may not be shown to this viewer", Verdict.UNREACHED)
OUR_FAULT = Trouble(SourceState.FAILED, "INTERNAL", "the gateway failed where it asked the platform")

TROUBLES: Mapping[type[Exception], Trouble] = MappingProxyType(
    {
        NotReady: NOT_SERVED,
        TimeoutError: TOO_LATE,
        Timeout: TOO_LATE,
        Throttled: Trouble(SourceState.REFUSED, Throttled.code, "the platform asked to be asked less often"),
        Unreachable: Trouble(
            SourceState.FAILED, Unreachable.code, "the platform could not be reached, or the connection broke"
        ),
        Transient: Trouble(SourceState.FAILED, Transient.code, "the platform, or the way to it, is disturbed"),
        CredentialRefused: Trouble(
            SourceState.REFUSED, CredentialRefused.code, "the platform does not accept the gateway's credential"
        ),
        Malformed: Trouble(SourceState.FAILED, Malformed.code, "the platform's answer is not what its manifest says"),
        # it answered, so it is there: nothing that a circuit is for
        NotFound: Trouble(
            SourceState.FAILED, NotFound.code, "the platform does not have what was asked for", Verdict.ANSWERED
        ),
        UpstreamFailure: Trouble(
            SourceState.FAILED, UpstreamFailure.code, "the platform answered with an error of its own"
        ),
        PagingError: Trouble(
            SourceState.FAILED, PagingError.code, "the pages of the platform's answer repeat or do not end"
        ),
        EgressRefused: Trouble(
            SourceState.FAILED,
            EgressRefused.code,
            "the gateway must not ask the address that the platform is given with",
            Verdict.UNREACHED,
        ),
        ManifestError: Trouble(
            SourceState.FAILED, ManifestError.code, "the platform's manifest cannot be used", Verdict.UNREACHED
        ),
        ConnectorError: Trouble(SourceState.FAILED, ConnectorError.code, "the platform's connector failed"),
    }
)
"""By the error's class, or the nearest of its ancestors that is named here."""


def trouble_of(error: Exception) -> Trouble:
    """What is told of an exception; a class that nobody foresaw is a fault of ours."""
    return next((TROUBLES[kind] for kind in type(error).__mro__ if kind in TROUBLES), OUR_FAULT)


def failed(platform: str, trouble: Trouble, latency_ms: float | None = None) -> SourceAnswer:
    """The answer of a platform that gave none."""
    outcome = SourceOutcome(
        platform, trouble.state, latency_ms=latency_ms, error_code=trouble.code, message=trouble.message
    )
    return SourceAnswer(outcome)


def stale(earlier: SourceAnswer, failure: SourceAnswer | None = None) -> SourceAnswer:
    """An earlier answer in place of one that is not there yet, or of a failure, which is told beside it."""
    if failure is None:
        outcome = replace(earlier.outcome, state=SourceState.STALE)
    else:
        covered = failure.outcome
        outcome = replace(
            earlier.outcome, state=SourceState.STALE, error_code=covered.error_code, message=covered.message
        )
    return replace(earlier, outcome=outcome)
