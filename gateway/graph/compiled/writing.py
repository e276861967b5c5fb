"""Python code of a plan: one function for each object and list of the answer.

Names in the code: `s` is the object, `v` a value, `r` the answer's object, `at` the indices above, `x` the run. What is
a name of the client's document is only ever written as a literal.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from typing import Any

from gateway.graph.compiled.blocks import Block
from gateway.graph.compiled.fields import PlannedField, Source
from gateway.graph.compiled.info import PlannedInfo
from gateway.graph.compiled.leaves import Leaf, leaf_code
from gateway.graph.compiled.planning import PlannedObject
from gateway.graph.compiled.shapes import (
    PENDING,
    AbstractShape,
    LeafShape,
    ListShape,
    ObjectShape,
    Projection,
    Shape,
)

Lines = Iterator[str]


class Writer:
    """Writes the objects of one plan into one module."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._names: dict[str, Any] = {"Info": PlannedInfo, "PENDING": PENDING, "partial": partial}
        self._known: dict[int, str] = {}

    def compiled(self, objects: list[PlannedObject]) -> Projection:
        """Code for all objects, the root last, each put into its shape; answers that of the root."""
        for planned in objects:
            self._write(self._function(planned))
        code = compile("\n".join(self._lines), "<plan of an operation>", "exec")
        exec(code, self._names)  # noqa: S102  # written here, and of the document nothing but literals
        for planned in objects:
            planned.shape.project = self._names[self._project(planned.shape)]
        return objects[-1].shape.project

    def _write(self, lines: Lines) -> None:
        self._lines.extend(list(lines))

    def _name(self, prefix: str, value: Any) -> str:
        """The name under which code finds a value."""
        name = self._known.get(id(value))
        if name is None:
            name = self._known[id(value)] = f"{prefix}{len(self._known)}"
            self._names[name] = value
        return name

    def _project(self, shape: ObjectShape) -> str:
        return f"project_{self._name('shape', shape)}"

    def _function(self, planned: PlannedObject) -> Lines:
        bodies: list[str] = []
        for plain, together in groupby(planned.fields, lambda one: plain_leaf(one) is not None):
            fields = list(together)
            if plain:
                bodies += self._block(fields, first=not bodies)
            else:
                bodies += [] if bodies else [" r = {}"]
                bodies += [line for one in fields for line in self._field(one)]
        constant = is_constant(planned)
        yield f"def {self._project(planned.shape)}(s, at, x):"
        if constant:
            memory = self._name("memory", Memory())
            yield f" known = {memory}.get(id(s))"
            yield " if known is not None: return known[1]"
        yield from bodies or [" r = {}"]
        if constant:
            yield f" if usual: {memory}.keep(s, r)"
        yield " return r"

    def _block(self, fields: list[PlannedField], *, first: bool) -> Lines:
        """Attributes beside one another: read and tested together, since reading them again costs nothing."""
        leaves = [(one, f"v{at}", self._leaf(one.shape)) for at, one in enumerate(fields)]
        tests = [_test(one.shape, name, leaf) for one, name, leaf in leaves if leaf]
        yield " try:"
        for one, name, _ in leaves:
            yield f"  {name} = s.{one.attribute}"
        yield f"  usual = {' and '.join(f'({test})' for test in tests)}"
        yield " except Exception:"
        yield "  usual = False"
        stored = [(one.key, _value(one.shape, name, leaf)) for one, name, leaf in leaves if leaf]
        yield " if usual:"
        if first:
            yield f"  r = {{{', '.join(f'{key!r}: {value}' for key, value in stored)}}}"
        else:
            yield from (f"  r[{key!r}] = {value}" for key, value in stored)
        yield " else:"
        if first:
            yield "  r = {}"
        yield f"  {self._name('block', Block(fields))}.complete(s, at, x, r)"

    def _field(self, field: PlannedField) -> Lines:
        key = repr(field.key)
        if field.source is Source.TYPENAME:
            yield f" r[{key}] = {field.position.parent.name!r}"
            return
        position = self._name("position", field.position)
        yield " try:"
        if field.awaits:
            then = self._continuation(field)
            bound = f"partial({then}, at, x, r, s)" if field.loads else f"partial({then}, at, x, r)"
            yield f"  r[{key}] = x.wait({self._call(field)}, {bound}, {position}, at, r, {key})"
        else:
            shape = self._name("shape", field.shape)
            yield f"  v = {self._call(field)}"
            yield from self._stored(
                field.shape,
                lambda value: f"r[{key}] = {value}",
                [f"r[{key}] = {shape}.settle(x, v, at, r, {key})"],
                "  ",
                "at",
            )
        yield " except Exception as error:"
        yield f"  r[{key}] = x.failed({position}, error, at)"

    def _call(self, field: PlannedField) -> str:
        if field.source is Source.ATTRIBUTE:
            return f"s.{field.attribute}"
        if field.loads:
            return f"x.load({self._name('load', field.loads[0])}, s)"
        planned = self._name("field", field)
        if field.source is Source.OPAQUE:
            return f"x.opaque({planned}, s, at)"
        given = ["s"] if field.takes_self else []
        given += [f"{name}=s" for name in field.keywords]
        if field.takes_info:
            given.append(f"{field.takes_info}=Info(x, {planned}, at)")
        if field.arguments:
            given.append(f"**x.arguments({planned})")
        return f"{self._name('method', field.method)}({', '.join(given)})"

    def _continuation(self, field: PlannedField) -> str:
        """A function that completes what was awaited."""
        shape = self._name("shape", field.shape)
        name = f"then_{shape}"
        slow = [f"return {shape}.complete(x, v, at, r, {field.key!r})"]
        body = self._stored(field.shape, lambda value: f"return {value}", slow, " ", "at")
        if field.loads:
            shaped = f" v = {self._name('shaped', field.loads[1])}(v, s, x.context_value)"
            self._write(iter([f"def {name}(at, x, r, s, v):", shaped, *body]))
        else:
            self._write(iter([f"def {name}(at, x, r, v):", *body]))
        return name

    def _list(self, shape: ListShape) -> str:
        """A function that completes a list or tuple."""
        items = shape.items
        name, place = f"list_{self._name('shape', shape)}", self._name("shape", items)
        slow = ["out.append(PENDING)", f"out[-1] = {place}.item(x, v, (at, len(out) - 1), out, len(out) - 1)"]
        body = list(self._stored(items, lambda value: f"out.append({value})", slow, "   ", "(at, len(out))"))
        position = self._name("position", items.position)
        failed = f"   out.append(x.failed({position}, error, (at, len(out))))"
        body = ["  try:", *body, "  except Exception as error:", failed]
        self._write(iter([f"def {name}(values, at, x):", " out = []", " for v in values:", *body, " return out"]))
        return name

    def _stored(self, shape: Shape, store: Callable[[str], str], slow: list[str], indent: str, at: str) -> Lines:
        """Code that stores the completed `v` where its class says enough, and else does what is slow."""
        usual = self._usual(shape, at)
        if usual is None:
            yield from (indent + line for line in slow)
            return
        test, value = usual
        yield f"{indent}if {test}:"
        yield f"{indent} {store(value)}"
        if not shape.required:
            yield f"{indent}elif v is None:"
            yield f"{indent} {store('None')}"
        yield f"{indent}else:"
        yield from (f"{indent} {line}" for line in slow)

    def _usual(self, shape: Shape, at: str) -> tuple[str, str] | None:
        """A test for the usual values of a shape, and the completed value of `v` where it holds."""
        if isinstance(shape, ObjectShape):
            test = f"v.__class__ in {self._name('classes', shape.classes)}"
            if len(shape.classes) == 1:
                test = f"v.__class__ is {self._name('class', next(iter(shape.classes)))} or {test}"
            return test, f"{self._project(shape)}(v, {at}, x)"
        if isinstance(shape, AbstractShape):
            classes = self._name("classes", shape.classes)
            return f"(known := {classes}.get(v.__class__)) is not None", f"known.project(v, {at}, x)"
        if isinstance(shape, ListShape):
            return "v.__class__ is list or v.__class__ is tuple", f"{self._list(shape)}(v, {at}, x)"
        leaf = self._leaf(shape)
        return (leaf.test.format(v="v"), leaf.value.format(v="v")) if leaf else None

    def _leaf(self, shape: Shape) -> Leaf | None:
        leaf = leaf_code(shape.leaf) if isinstance(shape, LeafShape) else None
        if leaf:
            self._names.update(leaf.names)
        return leaf


class Memory(dict[int, tuple[Any, dict[str, Any]]]):
    """What was selected of objects that never change, by the identity of the objects, which it keeps alive."""

    MOST = 1_000

    def keep(self, value: Any, answer: dict[str, Any]) -> None:
        """Remember an object's answer, as long as there are not too many."""
        if len(self) < self.MOST:
            self[id(value)] = (value, answer)


def is_constant(planned: PlannedObject) -> bool:
    """Whether an object's answer never changes: plain attributes of a type whose objects do not change."""
    return bool(planned.fields) and _unchanging(planned.shape) and all(map(plain_leaf, planned.fields))


def _unchanging(shape: ObjectShape) -> bool:
    return bool(shape.classes) and all("__unchanging__" in vars(one) for one in shape.classes)


def plain_leaf(field: PlannedField) -> Leaf | None:
    """Code for a field that is an attribute with a scalar or enum in it; None for any other."""
    if field.source is Source.ATTRIBUTE and isinstance(field.shape, LeafShape):
        return leaf_code(field.shape.leaf)
    return None


def _test(shape: Shape, name: str, leaf: Leaf) -> str:
    test = leaf.test.format(v=name)
    return test if shape.required else f"{name} is None or {test}"


def _value(shape: Shape, name: str, leaf: Leaf) -> str:
    value = leaf.value.format(v=name)
    return value if shape.required or value == name else f"None if {name} is None else {value}"
