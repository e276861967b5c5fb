"""Components are found by name: a module placed into a package is a new kind, and nothing else changes."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.components import discovered, models_of, one_of
from schema.records import Record

CONTRACT = """
from abc import ABC, abstractmethod
from schema.records import Record

class Shape(Record, ABC):
    @abstractmethod
    def area(self) -> int: ...
"""
SQUARE = """
from typing import Literal
from {package}.contract import Shape

class Square(Shape):
    kind: Literal["square", "box"]
    side: int

    def area(self) -> int:
        return self.side ** 2
"""
CIRCLE = SQUARE.replace('Literal["square", "box"]', 'Literal["circle"]').replace("Square", "Circle")
NEST = """
from typing import Annotated, Literal
from pydantic import ConfigDict
from connectors.components import one_of
from {package}.contract import Shape

class Nest(Shape):
    model_config = ConfigDict(defer_build=True)
    kind: Literal["nest"]
    of: tuple[Annotated[Shape, one_of("{package}", Shape, "kind")], ...]

    def area(self) -> int:
        return sum(shape.area() for shape in self.of)
"""


class Package:
    """A package of shapes in a temporary directory."""

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self.root = root / name
        self.root.mkdir()
        self.add("__init__", "")
        self.add("contract", CONTRACT)

    def add(self, module: str, source: str) -> None:
        (self.root / f"{module}.py").write_text(source.replace("{package}", self.name), "utf-8")

    @property
    def base(self) -> type[Record]:
        found = __import__(f"{self.name}.contract", fromlist=["Shape"])
        shape: type[Record] = found.Shape
        return shape

    def adapter(self) -> TypeAdapter[Any]:
        annotation: Any = Annotated[self.base, one_of(self.name, self.base, "kind")]
        return TypeAdapter(annotation)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Package]:
    monkeypatch.syspath_prepend(str(tmp_path))
    name = "shapes_" + request.node.name.split("[")[0]
    yield Package(tmp_path, name)
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]


def test_every_word_of_a_tag_names_its_component_in_order(package: Package) -> None:
    package.add("square", SQUARE)
    package.add("circle", CIRCLE)
    found = discovered(package.name, package.base, "kind")
    assert {word: model.__name__ for word, model in found.items()} == {
        "box": "Square",
        "circle": "Circle",
        "square": "Square",
    }
    assert list(found) == ["box", "circle", "square"]


def test_a_module_placed_into_the_package_is_a_new_kind(package: Package) -> None:
    package.add("square", SQUARE)
    package.add("triangle", SQUARE.replace("Square", "Triangle").replace('"square", "box"', '"triangle"'))
    assert package.adapter().validate_python({"kind": "triangle", "side": 3}).area() == 9


def test_imported_and_abstract_classes_are_no_components(package: Package) -> None:
    package.add("square", SQUARE)
    package.add("again", "from {package}.square import Square\n")
    package.add("abstract", SQUARE.replace("area", "edge").replace("Square", "Open"))
    assert list(discovered(package.name, package.base, "kind")) == ["box", "square"]


def test_two_components_of_one_word_are_an_error(package: Package) -> None:
    package.add("square", SQUARE)
    package.add("tile", SQUARE.replace("Square", "Tile"))
    with pytest.raises(TypeError, match="'square' is claimed by Square and Tile"):
        discovered(package.name, package.base, "kind")


@pytest.mark.parametrize(
    ("value", "kind", "loc"),
    [
        ({"kind": "sqare", "side": 1}, "union_tag_invalid", ()),
        ({"side": 1}, "union_tag_not_found", ()),
        ({"kind": "circle"}, "missing", ("circle", "side")),
        ({"kind": "circle", "side": 1, "edge": 2}, "extra_forbidden", ("circle", "edge")),
    ],
)
def test_mistakes_are_told_as_for_any_tagged_union(
    package: Package, value: dict[str, Any], kind: str, loc: tuple[str, ...]
) -> None:
    package.add("square", SQUARE)
    package.add("circle", CIRCLE)
    with pytest.raises(ValidationError) as caught:
        package.adapter().validate_python(value)
    assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [(kind, loc)]


def test_the_json_schema_is_one_of_them_by_their_words(package: Package) -> None:
    package.add("square", SQUARE)
    package.add("circle", CIRCLE)
    schema = package.adapter().json_schema()
    assert schema["discriminator"] == {
        "propertyName": "kind",
        "mapping": {"box": "#/$defs/Square", "circle": "#/$defs/Circle", "square": "#/$defs/Square"},
    }
    assert schema["oneOf"] == [{"$ref": "#/$defs/Square"}, {"$ref": "#/$defs/Circle"}]


def test_a_component_may_hold_others_of_its_package(package: Package) -> None:
    package.add("square", SQUARE)
    package.add("nest", NEST)
    inner = {"kind": "nest", "of": [{"kind": "box", "side": 2}]}
    nest = package.adapter().validate_python({"kind": "nest", "of": [{"kind": "square", "side": 3}, inner]})
    assert nest.area() == 13
    assert nest.model_dump() == {
        "kind": "nest",
        "of": ({"kind": "square", "side": 3}, {"kind": "nest", "of": ({"kind": "box", "side": 2},)}),
    }


def test_the_records_of_a_field_are_found_through_lists_mappings_and_alternatives(package: Package) -> None:
    package.add("square", SQUARE)
    package.add("circle", CIRCLE)
    shape: Any = Annotated[package.base, one_of(package.name, package.base, "kind")]

    class Other(Record):
        pass

    class Holder(Record):
        one: shape
        either: list[shape | Other | int]
        many: dict[str, tuple[shape, ...]] | None = None
        none: int = 0

    named = {name: [model.__name__ for model in models_of(info)] for name, info in Holder.model_fields.items()}
    assert named == {
        "one": ["Square", "Circle"],
        "either": ["Square", "Circle", "Other"],
        "many": ["Square", "Circle"],
        "none": [],
    }
