"""Personal data that one request has shown, as the audit log is told of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from graphql import FieldNode, OperationDefinitionNode

from gateway.identity import Principal
from gateway.personal import AuditEvent, AuditOutcome

MOST_SUBJECTS = 200
"""Subjects of one line of the audit log; more are split."""
LONGEST_ACTION = 50
"""Characters that the audit log has for an action."""


class Disclosures:
    """Which fields of whom were shown; empty where none was."""

    def __init__(self) -> None:
        self._fields: dict[str, set[str]] = defaultdict(set)
        self._fields_of_nobody: set[str] = set()
        self._action: str | None = None

    def note(self, operation: OperationDefinitionNode, subject: str, coordinate: str) -> None:
        """Remember that a field was shown; the operation is that of the request."""
        self._action = self._action or action_of(operation)
        self._fields[subject].add(coordinate)

    def note_nobody(self, operation: OperationDefinitionNode, coordinates: Iterable[str]) -> None:
        """Remember that it was told that a page holds nobody with such values of these fields."""
        self._action = self._action or action_of(operation)
        self._fields_of_nobody.update(coordinates)

    def events(self, principal: Principal, trace_id: str) -> list[AuditEvent]:
        """Lines for the audit log: subjects of whom the same fields were shown stand together."""
        if not self._fields and not self._fields_of_nobody:
            return []
        alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for subject, fields in self._fields.items():
            alike[tuple(sorted(fields))].append(subject)
        lines = [(subjects, fields) for fields, together in alike.items() for subjects in _parts(together)]
        if self._fields_of_nobody:
            lines.append(((), tuple(sorted(self._fields_of_nobody))))
        return [
            AuditEvent(
                principal=principal.name,
                purpose=principal.purpose,
                action=self._action or "query",
                outcome=AuditOutcome.ALLOWED,
                subjects=subjects,
                fields=fields,
                trace_id=trace_id,
            )
            for subjects, fields in lines
        ]


def action_of(operation: OperationDefinitionNode) -> str:
    """Names of an operation's root fields, or what kind it is where they stand in fragments or are too many.

    Never its name and never an alias: those are text of the client.
    """
    chosen = operation.selection_set.selections
    names = list(dict.fromkeys(node.name.value for node in chosen if isinstance(node, FieldNode)))
    joined = ",".join(names)
    return joined if names and len(joined) <= LONGEST_ACTION else operation.operation.value


def _parts(subjects: list[str]) -> Iterator[tuple[str, ...]]:
    rest = iter(subjects)
    while part := tuple(islice(rest, MOST_SUBJECTS)):
        yield part
