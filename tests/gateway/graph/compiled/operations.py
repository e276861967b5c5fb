"""Operations made at random from a schema, with variables; nearly all of them are valid."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

Words = dict[str, tuple[Any, ...]]
"""Values worth trying by the names of arguments and types."""


@dataclass(frozen=True)
class Operation:
    """A document with variables for it."""

    text: str
    variables: dict[str, Any]


class EnumWord(str):
    """A value that stands in a document without quotes."""


@dataclass
class Operations:
    """Makes operations of one root type."""

    schema: GraphQLSchema
    words: Words
    random: Random
    root: str = "Query"
    depth: int = 4
    _count: int = 0
    _declared: list[str] = field(default_factory=list)
    _variables: dict[str, Any] = field(default_factory=dict)
    _fragments: list[str] = field(default_factory=list)

    def make(self) -> Operation:
        """One operation."""
        self._count, self._declared, self._variables, self._fragments = 0, [], {}, []
        root = self.schema.type_map[self.root]
        selected = self._selection(root, self.depth, most=2)
        if self.random.random() < 0.02:
            selected += ' __type(name: "Region") { name fields { name } } '
        declared = f"({', '.join(self._declared)})" if self._declared else ""
        text = f"query Made{declared} {{ {selected} }}\n" + "\n".join(self._fragments)
        return Operation(text, dict(self._variables))

    def _name(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _selection(self, of_type: GraphQLNamedType, depth: int, most: int = 5, *, alias: bool = False) -> str:
        parts = list(self._parts(of_type, depth, most, alias))
        if not parts or self._chance(0.1):
            parts.insert(self.random.randint(0, len(parts)), "__typename")
        if self._chance(0.1):
            parts.append(self.random.choice(parts))
        return " ".join(parts)

    def _parts(self, of_type: GraphQLNamedType, depth: int, most: int, alias: bool) -> Iterator[str]:
        if is_abstract_type(of_type):
            for one in self.random.sample(list(self.schema.get_possible_types(of_type)), 2):
                inner = self._selection(one, depth, alias=True)
                yield f"... on {one.name}{self._directives()} {{ {inner} }}"
        if not isinstance(of_type, GraphQLObjectType) and not hasattr(of_type, "fields"):
            return
        fields = getattr(of_type, "fields", {})
        shown = [(name, one) for name, one in fields.items() if not name.startswith("_")]  # others are a router's
        possible = [name for name, one in shown if depth > 1 or is_leaf_type(get_named_type(one.type))]
        for name in self.random.sample(possible, min(len(possible), self.random.randint(1, most))):
            text = self._field(name, fields[name], depth, alias)
            yield self._wrapped(text, of_type)

    def _wrapped(self, text: str, of_type: GraphQLNamedType) -> str:
        chance = self.random.random()
        if chance < 0.05:
            return f"... on {of_type.name}{self._directives()} {{ {text} }}"
        if chance < 0.08:
            return f"...{self._directives()} {{ {text} }}"
        if chance < 0.14:
            name = self._name("Part")
            self._fragments.append(f"fragment {name} on {of_type.name} {{ {text} }}")
            return f"...{name}{self._directives()}"
        return text

    def _field(self, name: str, definition: Any, depth: int, alias: bool) -> str:
        arguments = self._arguments(definition.args)
        named = f"{self._name('a')}: {name}" if alias or definition.args or self._chance(0.1) else name
        inner = get_named_type(definition.type)
        below = "" if is_leaf_type(inner) else f" {{ {self._selection(inner, depth - 1)} }}"
        text = f"{named}{arguments}{self._directives()}{below}"
        if below and self._chance(0.1):
            text += f" {named}{arguments} {{ {self._selection(inner, depth - 1, 2)} }}"
        return text

    def _directives(self) -> str:
        if self._chance(0.92):
            return ""
        which, value = self.random.choice(("skip", "include")), self._chance(0.5)
        if self._chance(0.5):
            return f" @{which}(if: {_literal(value)})"
        name = self._name("if")
        if self._chance(0.3):
            self._declared.append(f"${name}: Boolean! = {_literal(not value)}")
            if self._chance(0.5):
                self._variables[name] = value
        else:
            self._declared.append(f"${name}: Boolean!")
            self._variables[name] = value
        return f" @{which}(if: ${name})"

    def _arguments(self, arguments: dict[str, Any]) -> str:
        given = []
        for name, one in arguments.items():
            required = is_non_null_type(one.type) and one.default_value is Undefined and one.default is None
            if required or self._chance(0.4):
                given.append(f"{name}: {self._argument(name, one.type)}")
        return f"({', '.join(given)})" if given else ""

    def _argument(self, name: str, of_type: GraphQLInputType) -> str:
        value = self._value(name, of_type)
        if self._chance(0.6):
            return _literal(value)
        variable = self._name("v")
        default = f" = {_literal(self._value(name, of_type))}" if self._chance(0.2) else ""
        self._declared.append(f"${variable}: {of_type}{default}")
        if default and self._chance(0.5):
            return f"${variable}"
        if self._chance(0.03):
            value = self.random.choice((None, {"no": 1}, 2**40, "☂", [[]]))
        if not (not is_non_null_type(of_type) and self._chance(0.1)):
            self._variables[variable] = _plain(value)
        return f"${variable}"

    def _value(self, name: str, of_type: GraphQLInputType) -> Any:
        if not is_non_null_type(of_type) and self._chance(0.1):
            return None
        inner: Any = get_nullable_type(of_type)
        if is_list_type(inner):
            return [self._value(name, inner.of_type) for _ in range(self.random.randint(0, 2))]
        if is_input_object_type(inner):
            return self._object(inner)
        if isinstance(inner, GraphQLEnumType):
            return EnumWord(self.random.choice(list(inner.values)))
        return self.random.choice(self.words.get(name) or self.words[inner.name])

    def _object(self, of_type: GraphQLInputObjectType) -> dict[str, Any]:
        fields = of_type.fields
        return {
            name: self._value(name, one.type)
            for name, one in fields.items()
            if (is_non_null_type(one.type) and one.default is None) or self._chance(0.15)
        }


def _literal(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case EnumWord():
            return str.__str__(value)
        case str():
            return f'"{value}"'
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{name}: {_literal(one)}' for name, one in value.items())}}}"
    return str(value)


def _plain(value: Any) -> Any:
    """The value as JSON brings it."""
    match value:
        case EnumWord():
            return str.__str__(value)
        case list():
            return [_plain(one) for one in value]
        case dict():
            return {name: _plain(one) for name, one in value.items()}
    return value
