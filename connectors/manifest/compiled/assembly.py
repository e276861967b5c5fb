"""Records put together from values that are of the right types already."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic_core import PydanticUndefined

from schema.records import Record, assembled

R = TypeVar("R", bound=Record)
MOST_SHARED = 256
"""Different sets of given fields that are shared between the records of one kind."""


def can_be_assembled(record: type[Record]) -> bool:
    """Whether a record is nothing but its fields, and rules over the whole of it."""
    rules = record.__pydantic_decorators__
    checked = rules.validators or rules.field_validators or rules.root_validators
    whole = rules.model_validators.values()
    simple = all(one.info.mode == "after" and len(inspect.signature(one.func).parameters) == 1 for one in whole)
    made = any(info.default_factory is not None for info in record.model_fields.values())
    return simple and not (checked or made or record.__private_attributes__ or record.__pydantic_post_init__)


def assembler(record: type[R]) -> Callable[[dict[str, Any]], R]:
    """A function from values by attribute to the record that pydantic would make of them.

    Raises `KeyError` where a required one is missing, and what the rules over the whole record raise.
    """
    defaults = {name: info.default for name, info in record.model_fields.items()}
    required = tuple(name for name, default in defaults.items() if default is PydanticUndefined)
    rules = tuple(one.func for one in record.__pydantic_decorators__.model_validators.values())
    # most records give the same fields, and a set of them takes more memory than many a record
    shared: dict[tuple[str, ...], set[str]] = {}

    def assemble(found: dict[str, Any]) -> R:
        for name in required:
            found[name]
        names = tuple(found)
        given = shared.get(names)
        if given is None:
            given = set(names)
            if len(shared) < MOST_SHARED:
                shared[names] = given
        made = assembled(record, defaults | found, given)
        for rule in rules:
            rule(made)
        return made

    return assemble
