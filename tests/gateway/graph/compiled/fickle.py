"""Services that fail and answer nonsense, the same whenever they are asked the same."""

import dataclasses
from collections.abc import Callable, Mapping
from inspect import iscoroutinefunction
from typing import Any
from zlib import crc32

from pydantic import BaseModel

from gateway.errors import InvalidInput, NotReady

NONSENSE: tuple[Any, ...] = (None, None, None, 7, "☂", float("nan"), True, (None,), RuntimeError("a value"), 2**40)
ERRORS: tuple[Exception, ...] = (RuntimeError("broken"), NotReady("not now"), InvalidInput("never"))


class Fickle:
    """A service before another one: `failing` of its calls in a thousand fail, `lying` fields of what it tells lie."""

    def __init__(self, service: Any, seed: int, *, failing: int, lying: int) -> None:
        self._service = service
        self._seed = seed
        self._failing = failing
        self._lying = lying
        self._known: dict[int, tuple[Any, Any]] = {}

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._service, name)
        if not callable(method):
            return method
        return self._asynchronous(name, method) if iscoroutinefunction(method) else self._synchronous(name, method)

    def _asynchronous(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        async def ask(*given: Any, **named: Any) -> Any:
            self._fail(name)
            return self._lie(await method(*given, **named))

        return ask

    def _synchronous(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*given: Any, **named: Any) -> Any:
            # Lists of platforms and the like are asked for everywhere; single answers may fail one by one.
            if given:
                self._fail(f"{name}{given!r}")
            return self._lie(method(*given, **named))

        return ask

    def _draw(self, *about: Any) -> int:
        return crc32(repr((self._seed, *about)).encode())

    def _fail(self, what: str) -> None:
        drawn = self._draw("fail", what)
        if drawn % 1_000 < self._failing:
            raise ERRORS[drawn // 1_000 % len(ERRORS)]

    def _lie(self, told: Any) -> Any:
        if not self._lying:
            return told
        if isinstance(told, Mapping):
            return {key: self._lie(value) for key, value in told.items()}
        if isinstance(told, list | tuple) and not hasattr(told, "_fields"):
            return type(told)(self._lie(value) for value in told)
        if isinstance(told, BaseModel) or (dataclasses.is_dataclass(told) and not isinstance(told, type)):
            known = self._known.get(id(told))
            if known is None or known[0] is not told:
                known = self._known[id(told)] = (told, self._changed(told))
            return known[1]
        return told

    def _changed(self, told: Any) -> Any:
        names = (
            list(type(told).model_fields)
            if isinstance(told, BaseModel)
            else [one.name for one in dataclasses.fields(told) if one.init]
        )
        content = crc32(repr(told).encode())
        changed: dict[str, Any] = {}
        for name in names:
            drawn = self._draw("lie", content, name)
            value = getattr(told, name)
            if drawn % 1_000 < self._lying and name not in ("decision", "code"):
                changed[name] = NONSENSE[drawn // 1_000 % len(NONSENSE)]
            elif (other := self._lie(value)) is not value:
                changed[name] = other
        if isinstance(told, BaseModel):
            return told.model_copy(update=changed)
        return dataclasses.replace(told, **changed) if changed else told
