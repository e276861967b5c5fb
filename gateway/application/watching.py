"""What is told of a running gateway beside its requests: the index, the database and circuits."""

from collections.abc import Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from gateway.application.services import Services
from gateway.errors import NotReady
from gateway.telemetry import Telemetry

Circuits = Callable[[], Mapping[str, bool]]
"""By the code of each platform that is asked live, whether its circuit is open."""


class ServedState:
    """Gauges that are set when metrics are read; what cannot be told keeps its last value."""

    def __init__(self, telemetry: Telemetry, find: Callable[[], Services | None]) -> None:
        self._find = find
        gauge = telemetry.gauge
        self._sequence = gauge("shanhai_index_sequence", "Number of the last change that the search index holds.")
        self._lag = gauge("shanhai_index_lag", "Changes of resources that the search index has still to take in.")
        self._connections = gauge(
            "shanhai_database_connections", "Connections of this process to its database.", "state"
        )
        self._circuit = gauge("shanhai_circuit_open", "Whether a platform is left alone after failures.", "platform")
        self.circuits: Circuits = dict
        telemetry.probe(self.look)

    async def look(self) -> None:
        """Set every gauge."""
        services = self._find()
        if services is None:
            return
        try:
            held, newest = await services.catalog.progress()
        except (NotReady, OSError, SQLAlchemyError):
            pass  # /readyz tells; metrics are read all the same
        else:
            self._sequence.set(held)
            self._lag.set(max(0, newest - held))
        pool = services.database.engine.pool
        if isinstance(pool, QueuePool):
            self._connections.labels("used").set(pool.checkedout())
            self._connections.labels("idle").set(pool.checkedin())
        for platform, is_open in self.circuits().items():
            self._circuit.labels(platform).set(is_open)
