"""A document parsed and validated once, with all that is read of its operations: each request looks it up once."""

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode

from gateway.graph.compiled import Plans

SHA256 = "sha256:"
R = TypeVar("R")
_UNREAD: Any = object()


@dataclass(eq=False, slots=True)
class Prepared:
    """A document that may be executed, or the errors that speak against it.

    `weight` is what it takes of the room for documents, in characters of their texts; `grow` is told when that becomes
    more, since readings are made when they are first needed.
    """

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()
    plans: Plans | None = None
    text: str = field(default="", repr=False)
    weight: int = 0
    grow: "Callable[[Prepared, int], None] | None" = field(default=None, repr=False)
    readings: dict[Hashable, Any] = field(default_factory=dict, repr=False)
    """Made by each `Reading`, by it and the name of the operation; names that the document has not are not in it."""
    _operations: dict[str | None, OperationDefinitionNode] | None = field(default=None, repr=False)

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation with this name, or the only one where no name is given."""
        if self._operations is None:
            self._operations = _operations(self.document)
        return self._operations.get(name)

    def valid_operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The same where nothing speaks against the document."""
        return None if self.errors else self.operation(name)


class Reading(Generic[R]):
    """What one part of the gateway reads of valid operations; it is made once and goes with the document.

    `read` is told the document and one of its operations, and `weigh` tells what the outcome takes, in characters.
    """

    def __init__(
        self, read: Callable[[Prepared, OperationDefinitionNode], R], weigh: Callable[[R], int] = lambda _read: 0
    ) -> None:
        self._read, self._weigh = read, weigh

    def of(self, prepared: Prepared, name: str | None) -> R | None:
        """What was read; None where there is no valid operation of this name."""
        found = prepared.readings.get((self, name), _UNREAD)
        if found is not _UNREAD:
            return cast("R", found)
        operation = prepared.valid_operation(name)
        if operation is None:
            return None
        made = prepared.readings[self, name] = self._read(prepared, operation)
        if prepared.grow is not None and (weight := self._weigh(made)):
            prepared.grow(prepared, weight)
        return made


def _operations(document: DocumentNode | None) -> dict[str | None, OperationDefinitionNode]:
    """The operations by their names, and by None where there is one alone; two of one name are none."""
    nodes = [node for node in (document.definitions if document else ()) if isinstance(node, OperationDefinitionNode)]
    named: dict[str | None, list[OperationDefinitionNode]] = {None: nodes}
    for node in nodes:
        if node.name is not None:
            named.setdefault(node.name.value, []).append(node)
    return {name: found[0] for name, found in named.items() if len(found) == 1}


def document_hash(text: str) -> str:
    """What names a document, as trusted documents are named: `sha256:` and 64 hexadecimal digits."""
    return SHA256 + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
