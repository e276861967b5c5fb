"""The `counts:` of a usage section: how events become the number of a measure."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from connectors.manifest.rules import Path, Rule
from schema.records import Record


class SketchSpec(Record):
    """Asks for a sketch of the different values, keyed by the secret of this name."""

    secret: str = Field(min_length=1)


class CountSpec(Record):
    """How events become one measure: those for which `when` holds are counted, or different values of `distinct`, or
    the numbers that `sum` finds are added up.

    `by` names the fields that tell facts of this measure apart beside the day; without it, all of the section do.
    """

    when: Path | None = None
    distinct: Path | None = None
    sum: Rule | None = None
    sketch: SketchSpec | None = None
    by: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.distinct is not None and self.sum is not None:
            raise ValueError("distinct and sum exclude each other")
        if self.sketch is not None and self.distinct is None:
            raise ValueError("sketch is made of the values that distinct finds, and there is no distinct")
        return self


def _condition(value: Any) -> Any:
    return {"when": value} if isinstance(value, str) else value


Count = Annotated[CountSpec, BeforeValidator(_condition)]
"""A count, or text that stands for its condition."""
