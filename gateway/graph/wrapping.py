"""What stands before an executor: the same schema and documents, and operations answered in another way."""

import strawberry

from gateway.graph.execution import Executes
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
