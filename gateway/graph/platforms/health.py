"""How a platform has been answering."""

from datetime import datetime

import strawberry

from gateway.graph.ports import HealthState, PlatformState


@strawberry.type
class Circuit:
    """A circuit breaker around one operation of a platform."""

    operation: str
    open: bool = strawberry.field(
        description="Whether a question that came now would not be asked. Not open with failures: the next one is."
    )
    failures: int = strawberry.field(description="Failures since the last success.")
    retry_at: datetime | None = strawberry.field(
        description="When the platform is tried again, always ahead. Null where it is not open, or is being tried now."
    )


@strawberry.type
class Health:
    """What harvests and live searches have seen of a platform."""

    state: HealthState = strawberry.field(
        description="By its last harvest; DEGRADED where that went well and the last live search did not."
    )
    since: datetime | None = strawberry.field(
        description="End of that harvest; the first of the failures in a row where live searches fail."
    )
    last_error: str | None = strawberry.field(description="Code of the last failure, while it has not been made good.")
    circuits: list[Circuit]

    @classmethod
    def of(cls, row: PlatformState) -> "Health":
        """Health from a platform's state."""
        circuits = [
            Circuit(operation=one.operation, open=one.open, failures=one.failures, retry_at=one.retry_at)
            for one in row.circuits
        ]
        return cls(state=row.health_state, since=row.since, last_error=row.last_error, circuits=circuits)
