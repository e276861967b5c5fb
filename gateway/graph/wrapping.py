"""What stands before an executor: the same schema and documents, and operations answered in another way."""

import strawberry

from gateway.graph.context import GraphContext
from gateway.graph.execution import Bodies, Executes
from gateway.graph.prepared import Prepared


class Wrapping:
    """Leaves everything but the execution of operations to what it stands before."""

    def __init__(self, inner: Executes) -> None:
        self._inner = inner

    @property
    def schema(self) -> strawberry.Schema:
        """The schema that is served."""
        return self._inner.schema

    @property
    def introspection(self) -> bool:
        """Whether clients may introspect it."""
        return self._inner.introspection

    def prepare(self, text: str) -> Prepared:
        """Parse and validate a document."""
        return self._inner.prepare(text)

    def watched(self, bodies: Bodies, prepared: Prepared, context: GraphContext, operation_name: str | None) -> Bodies:
        """The same bodies of a subscription, watched by what this stands before."""
        return self._inner.watched(bodies, prepared, context, operation_name)
