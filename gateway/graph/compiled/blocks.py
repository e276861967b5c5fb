"""Attributes that code reads together, completed one by one where one of them is unusual."""

from dataclasses import dataclass
from typing import Any

from gateway.graph.compiled.fields import PlannedField
from gateway.graph.compiled.positions import Indices
from gateway.graph.compiled.shapes import Run


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Fields beside one another that are attributes of one object."""

    fields: list[PlannedField]

    def complete(self, source: Any, at: Indices, run: Run, answer: dict[str, Any]) -> None:
        """Complete each into the answer's object; raises the located error of one that may not be null."""
        for field in self.fields:
            try:
                value = getattr(source, field.attribute)
                answer[field.key] = field.shape.settle(run, value, at, answer, field.key)
            except Exception as error:
                run.failed(field.position, error, at)
                answer[field.key] = None
