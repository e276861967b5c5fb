"""Components found by name: every module of a package may add a kind to a tagged union, and nothing else changes."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Field, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema

from schema.records import Record

T = TypeVar("T", bound=Record)


# the base is abstract, which mypy takes for a callable and not for a type (python/mypy#4717)
def discovered(package: str, base: Callable[..., T], tag: str) -> Mapping[str, type[T]]:
    """The concrete subclasses of `base` in the modules of `package` by the words of their `tag`, in order of the words.

    A component is a record whose field `tag` is a `Literal`. Raises `TypeError` when two claim the same word. One that
    holds others of its package needs `defer_build`, lest it look for itself before it exists.
    """
    return _discovered(package, base, tag)


@cache
def _discovered(package: str, base: Any, tag: str) -> Mapping[str, type[Any]]:
    found: dict[str, type[Any]] = {}
    for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        for candidate in vars(import_module(module.name)).values():
            if not _defined_in(module.name, candidate, base):
                continue
            for word in _words(candidate, tag):
                if word in found:
                    raise TypeError(f"{tag} {word!r} is claimed by {found[word].__name__} and {candidate.__name__}")
                found[word] = candidate
    return MappingProxyType(dict(sorted(found.items())))


@dataclass(frozen=True, slots=True)
class OneOf:
    """Marks an annotation as any of the discovered components; see `one_of`."""

    package: str
    base: type[Record]
    tag: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A union told apart by the tag, over what is discovered when the schema is built."""
        del source
        members = self.models()
        union: Any = Annotated[Union[members], Field(discriminator=self.tag)] if len(members) > 1 else members[0]  # noqa: UP007
        return handler.generate_schema(union)

    def models(self) -> tuple[type[Record], ...]:
        """The components, each once."""
        return tuple(dict.fromkeys(discovered(self.package, self.base, self.tag).values()))


def one_of(package: str, base: type[Record], tag: str) -> Any:
    """For pydantic fields: `Annotated[Base, one_of("package", Base, "kind")]` holds any component of the package."""
    return OneOf(package, base, tag)


def models_of(field: FieldInfo) -> list[type[BaseModel]]:
    """The records a field may hold, in lists, mappings and alternatives too; components count one by one."""
    return list(_models(field.annotation, field.metadata))


def _models(annotation: Any, metadata: Any = ()) -> Iterator[type[BaseModel]]:
    for mark in metadata:
        if isinstance(mark, OneOf):
            yield from mark.models()
            return
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        yield from _models(inner, marks)
    elif get_origin(annotation) is not None:
        arguments = get_args(annotation)
        for argument in arguments[1:] if get_origin(annotation) is dict else arguments:
            yield from _models(argument)


def _defined_in(module: str, candidate: Any, base: type[Record]) -> bool:
    if not isinstance(candidate, type) or candidate.__module__ != module:
        return False
    return issubclass(candidate, base) and not inspect.isabstract(candidate)


def _words(model: type[Record], tag: str) -> tuple[str, ...]:
    field = model.model_fields.get(tag)
    return get_args(field.annotation) if field is not None and get_origin(field.annotation) is Literal else ()
