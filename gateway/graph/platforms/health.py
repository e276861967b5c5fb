"""How a platform has been answering."""

from datetime import datetime

import strawberry

from gateway.graph.ports import HealthState, PlatformState


@strawberry.type
class Circuit:
    """A circuit breaker around one operation of a platform."""

    operation: str
    open: bool
    failures: int
    retry_at: datetime | None


@strawberry.type
class Health:
    """What harvests and checks have seen of a platform."""

    state: HealthState
    since: datetime | None
    last_error: str | None
    circuits: list[Circuit]

    @classmethod
    def of(cls, row: PlatformState) -> "Health":
        """Health from a platform's state."""
        circuits = [
            Circuit(operation=one.operation, open=one.open, failures=one.failures, retry_at=one.retry_at)
            for one in row.circuits
        ]
        return cls(state=row.health_state, since=row.since, last_error=row.last_error, circuits=circuits)
