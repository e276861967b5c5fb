"""The registry: every module of this package that defines a function of its own name is a transform.

`epoch_seconds.py` with `def epoch_seconds(value)` is written `transform: epochSeconds`; keyword-only arguments are its
options. A module with `TAKES_LISTS = True` wants lists as a whole. A transform raises `ValueError` for a value it
cannot read.
"""

import functools
import importlib
import inspect
import pkgutil
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic.alias_generators import to_camel

from connectors.extraction import word_of

Transform = Callable[[Any], Any]


class TransformError(ValueError):
    """A transform that does not exist, or options it does not have.

    `unknown` is the word that was not understood and `allowed` what could stand there.
    """

    def __init__(self, message: str, *, unknown: str | None = None, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.unknown = unknown
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Registered:
    """One transform: its function, its options with their types, and whether it wants a list as a whole."""

    function: Callable[..., Any]
    options: Mapping[str, tuple[type, ...]]
    summary: str
    takes_lists: bool


@functools.cache
def registered() -> Mapping[str, Registered]:
    """Every transform by the name a manifest uses."""
    found: dict[str, Registered] = {}
    for module_info in pkgutil.iter_modules([str(Path(__file__).parent)]):
        module = importlib.import_module(f"{__package__}.{module_info.name}")
        function = getattr(module, module_info.name, None)
        if inspect.isfunction(function):
            found[to_camel(module_info.name)] = _registered(function, getattr(module, "TAKES_LISTS", False))
    return found


def transform_names() -> tuple[str, ...]:
    """The names in alphabetical order."""
    return tuple(sorted(registered()))


def takes_lists(name: str) -> bool:
    """Whether a transform wants a list as a whole; the others are given its entries one by one."""
    entry = registered().get(name)
    return entry is not None and entry.takes_lists


def compile_transform(name: str, options: Mapping[str, Any] | None = None) -> Transform:
    """The transform with its options bound; raises `TransformError`."""
    entry = registered().get(name)
    if entry is None:
        raise TransformError(f"there is no transform {name!r}", unknown=name, allowed=transform_names())
    bound: dict[str, Any] = {}
    for option, value in (options or {}).items():
        kinds = entry.options.get(option)
        if kinds is None:
            allowed = tuple(entry.options)
            raise TransformError(f"{name} has no option {option!r}", unknown=option, allowed=allowed)
        if type(value) not in kinds:
            expected = " or ".join(map(word_of, kinds))
            raise TransformError(f"the option {option!r} of {name} is {expected}")
        bound[option] = value
    check = getattr(importlib.import_module(entry.function.__module__), "check_options", None)
    if check is not None:
        try:
            check(**bound)
        except ValueError as error:
            raise TransformError(f"{name}: {error}") from error
    return functools.partial(entry.function, **bound) if bound else entry.function


def _registered(function: Callable[..., Any], takes_lists: bool) -> Registered:
    parameters = inspect.signature(function).parameters.values()
    options = {p.name: _types(p.annotation) for p in parameters if p.kind is p.KEYWORD_ONLY}
    return Registered(function, options, (inspect.getdoc(function) or "").split("\n")[0], takes_lists)


def _types(annotation: Any) -> tuple[type, ...]:
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(kind for argument in get_args(annotation) for kind in _types(argument))
    return (annotation,)
