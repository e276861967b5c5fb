"""Python text in the making: lines, the objects they name, and the parts of a record that have been read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Place:
    """A variable that holds an object of the record, and those that hold the objects inside it."""

    variable: str
    inside: dict[tuple[str, ...], str] = field(default_factory=dict)


class Writer:
    """Collects the lines of one function. Names of a manifest stand in it as literals only."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.lines: list[str] = []
        self._depth = 1
        self._made = 0

    def line(self, text: str) -> None:
        """One more line at this depth."""
        self.lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """The lines within stand below `head`."""
        self.line(head)
        self._depth += 1
        yield
        self._depth -= 1

    def variable(self) -> str:
        """A name that nothing has yet."""
        self._made += 1
        return f"v{self._made}"

    def named(self, value: Any) -> str:
        """The name under which the function finds an object."""
        name = f"{self.variable()}_{type(value).__name__.strip('_')}"
        self.names[name] = value
        return name

    def reading(self, place: Place, names: tuple[str, ...]) -> str:
        """An expression for what a chain of names finds; the objects on the way are read once."""
        holder = place.variable
        for count in range(1, len(names)):
            if names[:count] not in place.inside:
                variable = self.variable()
                self.line(f"{variable} = {holder}.get({names[count - 1]!r})")
                self.line(f"if type({variable}) is not dict: {variable} = EMPTY")
                place.inside[names[:count]] = variable
            holder = place.inside[names[:count]]
        return f"{holder}.get({names[-1]!r})"
