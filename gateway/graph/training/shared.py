"""Fields that are null with a code where they are withheld, and noted for the audit log where they are shown."""

from collections.abc import Callable
from typing import Any, Protocol

import strawberry
from strawberry.utils.str_converters import to_camel_case

from gateway.errors import Forbidden
from gateway.graph.context import Info
from gateway.identity import Scope
from gateway.personal import Decision

Shape = Callable[[Any, Info], Any]
"""Makes of a value that is not None what clients see of it."""


class Personal(Protocol):
    """A record or teacher with what may be shown of it."""

    @property
    def id(self) -> str: ...
    @property
    def decision(self) -> Decision: ...


def show(info: Info, coordinate: str, view: Personal) -> None:
    """Note that a field of a record or teacher is shown; raises the refusal of its decision where it is withheld."""
    if coordinate not in view.decision.fields:
        # One refusal stands for many fields and would gather the traces of all of them.
        raise view.decision.refusal.with_traceback(None)
    note(info, coordinate, view.id)


def note(info: Info, coordinate: str, identifier: str) -> None:
    """Note that a field is shown of the record or teacher with this id of ours; the coordinate tells which it is.

    Raises Forbidden for who may act and not read, and would read by what an action answers.
    """
    if Scope.READ not in info.context.principal.scopes:
        raise Forbidden("what an action answers of people needs the scope READ; ids, states and errors do not")
    subject = f"{coordinate.partition('.')[0]}:{identifier}"
    info.context.disclosures.note(info.operation, subject, coordinate)


def shared(type_name: str, attribute: str, of_type: Any, shape: Shape | None = None, description: str = "") -> Any:
    """A field of a type that keeps a `view`: its attribute of this name, shown or refused by itself.

    Any, because Strawberry reads the type of a field from values.
    """
    coordinate = f"{type_name}.{to_camel_case(attribute)}"

    def resolve(root: Any, info: Info) -> Any:
        show(info, coordinate, root.view)
        value = getattr(root.view, attribute)
        return value if shape is None or value is None else shape(value, info)

    resolve.__annotations__["return"] = of_type
    return strawberry.field(resolver=resolve, description=description or None)
