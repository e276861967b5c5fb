"""The plans of one document, made once it is asked for often enough, and the room that all documents share for them."""

from collections import OrderedDict
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)
from graphql.language import DirectiveNode
from graphql.type.directives import GraphQLIncludeDirective, GraphQLSkipDirective
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.graph.compiled.planning import Planner, TooLarge
from gateway.graph.compiled.shapes import Projection
from gateway.graph.compiled.writing import Writer

MOST_CHOICES = 8
"""Operations of one document with their combinations of `@include` and `@skip` that are compiled; others are executed
by graphql-core."""
MOST_PLANNED = 50_000
"""Fields of all plans that are held at one time: their code takes about 1.3 kB each, so some 65 MB."""
FIELDS_PER_WARMUP = 50
"""Writing and compiling takes about 0.07 ms for each field, so a plan of more fields has to be asked for more often."""
KNOWN_DIRECTIVES = {GraphQLIncludeDirective.name, GraphQLSkipDirective.name}

Choice = tuple[Any, ...]
"""An operation, and what the variables that its document's directives name are."""


class Room:
    """Room for the plans of many documents, counted in fields; those that were not used for longest make way."""

    def __init__(self, fields: int = MOST_PLANNED) -> None:
        self._left = fields
        self._taken: OrderedDict[tuple[Plans, Choice], int] = OrderedDict()

    def take(self, plans: "Plans", choice: Choice, fields: int) -> None:
        """Note a plan that was made, and have others forgotten where it needs their room."""
        self._taken[plans, choice] = fields
        self._left -= fields
        while self._left < 0:
            (owner, unused), freed = self._taken.popitem(last=False)
            self._left += freed
            owner.forget(unused)

    def use(self, plans: "Plans", choice: Choice) -> None:
        """Note that a plan is used at this moment."""
        self._taken.move_to_end((plans, choice))

    def leave(self, plans: "Plans", choice: Choice) -> None:
        """Give back what a plan took."""
        self._left += self._taken.pop((plans, choice), 0)


class Plans:
    """Finds or makes the plan for an operation of one document; safe to share between requests of one event loop.

    A plan is made after `warmup` executions, times one more for every FIELDS_PER_WARMUP of its fields, times the
    choices of its operation that were asked for so far.
    """

    def __init__(
        self, schema: strawberry.Schema, document: DocumentNode, *, warmup: int = 1, room: Room | None = None
    ) -> None:
        self._schema = schema
        self._document = document
        self._warmup = warmup
        self._room = room or Room()
        self._conditions: tuple[str, ...] | None = None
        self._asked: dict[Choice, int] = {}
        self._fields: dict[Choice, int] = {}
        self._made: dict[Choice, Projection | None] = {}

    def find(self, run: StrawberryGraphQLCoreExecutionContext) -> Projection | None:
        """The code for an execution; None where graphql-core is to carry it out."""
        if run.operation.operation is OperationType.MUTATION or run.operation.directives:
            return None
        if self._conditions is None:
            self._conditions = conditions(self._document)
        values = run.variable_values.coerced
        choice = (id(run.operation), *(values.get(name) for name in self._conditions))
        if choice in self._made:
            made = self._made[choice]
            if made is not None:
                self._room.use(self, choice)
            return made
        return self._make(choice, run) if self._counts(choice) and self._is_due(choice) else None

    def forget(self, choice: Choice) -> None:
        """Drop a plan, which has to be asked for as often as before until it is made again."""
        del self._made[choice]

    def release(self) -> None:
        """Drop all plans, since their document is forgotten."""
        for choice in self._made:
            self._room.leave(self, choice)
        self._made.clear()

    def _counts(self, choice: Choice) -> bool:
        """Whether this choice is one that may be compiled; it is then counted as asked for."""
        if any(value is not True and value is not False for value in choice[1:]):
            return False
        if choice not in self._asked and len(self._asked) >= MOST_CHOICES:
            return False
        self._asked[choice] = self._asked.get(choice, 0) + 1
        return True

    def _is_due(self, choice: Choice) -> bool:
        """Whether this choice has been asked for often enough, as far as its size is known."""
        alike = len([one for one in self._asked if one[0] == choice[0]])
        size = 1 + self._fields.get(choice, 0) // FIELDS_PER_WARMUP
        return self._asked[choice] > self._warmup * alike * size

    def _make(self, choice: Choice, run: StrawberryGraphQLCoreExecutionContext) -> Projection | None:
        """Plan, which takes a sixth of the time, and write what is due by its size too."""
        planner = Planner(self._schema, run)
        try:
            if not is_plain(self._document):
                raise TooLarge
            planner.plan()
        except TooLarge:
            self._made[choice] = None
            return None
        self._fields[choice] = fields = planner.fields
        if not self._is_due(choice):
            return None
        made = self._made[choice] = Writer().compiled(planner.objects)
        self._asked[choice] = 0
        self._room.take(self, choice, fields)
        return made


class _Conditions(Visitor):
    """Collects the variables by which directives decide."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_path: object) -> None:
        self.names.update(one.value.name.value for one in node.arguments or () if isinstance(one.value, VariableNode))


def conditions(document: DocumentNode) -> tuple[str, ...]:
    """Names of the variables by which a document's directives decide."""
    found = _Conditions()
    visit(document, found)
    return tuple(sorted(found.names))


class _Plain(Visitor):
    """Looks for what is left to graphql-core."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = True

    def enter_directive(self, node: DirectiveNode, *_path: object) -> None:
        self.plain = self.plain and node.name.value in KNOWN_DIRECTIVES

    def enter_field(self, node: FieldNode, *_path: object) -> None:
        self.plain = self.plain and node.name.value not in ("__schema", "__type")

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_path: object) -> None:
        self.plain = self.plain and not node.variable_definitions

    def enter_operation_definition(self, node: OperationDefinitionNode, *_path: object) -> None:
        self.plain = self.plain and not any(one.directives for one in node.variable_definitions or ())


def is_plain(document: DocumentNode) -> bool:
    """Whether a document has nothing of introspection, fragment variables and directives other than two."""
    found = _Plain()
    visit(document, found)
    return found.plain
