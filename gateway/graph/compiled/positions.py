"""Places in the answer of an operation: what stands above them, and whether they may be null."""

from dataclasses import dataclass

from graphql import FieldNode, GraphQLField, GraphQLObjectType
from graphql.pyutils import Path

Indices = tuple["Indices", int] | None
"""Indices into the lists above a place, innermost last as `(rest, index)`; a pair each, since they are made for every
row and read only where something went wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Position:
    """A field of the answer, or the items of a list; without a key it is the latter."""

    above: "Position | None"
    key: str | None
    nullable: bool
    nodes: list[FieldNode]
    """Where the document asks for it; several nodes where selections were merged."""
    parent: GraphQLObjectType
    definition: GraphQLField

    @property
    def owner(self) -> str:
        """Type and field as messages name them."""
        return f"{self.parent}.{self.nodes[0].name.value}"

    def path(self, at: Indices) -> list[str | int]:
        """The path that errors of this place carry."""
        keys: list[str | int] = []
        place: Position | None = self
        while place is not None:
            if place.key is not None:
                keys.append(place.key)
            elif at is not None:
                at, index = at
                keys.append(index)
            place = place.above
        return keys[::-1]

    def field_path(self, at: Indices) -> Path:
        """The path that resolvers of the field are told, where this is the field or the items of its list."""
        if self.key is None and self.above is not None:
            return self.above.field_path(at[0] if at is not None else None)
        return self._any_path(at)

    def _any_path(self, at: Indices) -> Path:
        rest, index = (at, self.key or "") if self.key is not None or at is None else at
        above = self.above._any_path(rest) if self.above else None
        return Path(above, index, None if self.key is None else self.parent.name)

    def nearest_nullable(self, at: Indices) -> "tuple[Position, Indices] | None":
        """Where the null of this place ends up; None where it reaches the whole answer."""
        place: Position | None = self
        while place is not None and not place.nullable:
            if place.key is None and at is not None:
                at = at[0]
            place = place.above
        return None if place is None else (place, at)
