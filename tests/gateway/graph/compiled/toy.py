"""A small schema of cases that ours does not have: unions, late failures, lists of what may not be null."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry.extensions import FieldExtension

LOG: list[str] = []
"""Which resolvers were called."""


@strawberry.enum
class Color(Enum):
    RED = strawberry.enum_value("r", name="CRIMSON")
    BLUE = "b"


@strawberry.interface
class Animal:
    name: str

    @strawberry.field
    def sound(self) -> str:
        raise RuntimeError(f"{self.name} is silent")


@strawberry.type
class Cat(Animal):
    lives: int
    color: Color | None = None

    @strawberry.field
    async def kittens(self, count: int = 1) -> list["Cat"]:
        await asyncio.sleep(0)
        if count < 0:
            raise RuntimeError("no kittens")
        return [Cat(name=f"{self.name}{at}", lives=9, color=Color.RED) for at in range(count)]


@strawberry.type
class Dog(Animal):
    @classmethod
    def is_type_of(cls, value: object, _info: Any) -> bool:
        return isinstance(value, Dog | Row)

    @strawberry.field
    def owner(self, info: strawberry.Info) -> str:
        path: Any = info.path
        return f"{info.field_name} at {path.as_list()} of {info.context}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row that no Strawberry type made."""

    name: Any
    lives: Any = 3


Pet = Annotated[Cat | Dog, strawberry.union("Pet")]


class Doubled(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **given: Any) -> Any:
        return f"{next_(source, info, **given)} " * 2


@strawberry.type
class Deep:
    level: int

    @strawberry.field
    def deeper(self) -> "Deep":
        return Deep(level=self.level + 1)

    @strawberry.field
    def maybe(self) -> "Deep | None":
        return Deep(level=self.level + 1)

    @strawberry.field
    async def late(self) -> "Deep":
        await asyncio.sleep(0)
        return Deep(level=self.level + 1)

    @strawberry.field
    def never(self) -> str:
        return None  # type: ignore[return-value]  # what is tested

    @strawberry.field
    async def late_never(self) -> str:
        LOG.append("late_never")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        raise RuntimeError("late")

    @strawberry.field
    async def slow(self) -> str | None:
        LOG.append("slow")
        try:
            await asyncio.sleep(30)
        finally:
            LOG.append("slow ended")
        return "slow"

    @strawberry.field
    async def fails(self) -> str | None:
        LOG.append("fails")
        raise RuntimeError("fails")

    @strawberry.field
    def as_value(self) -> str | None:
        return RuntimeError("an exception as a value")  # type: ignore[return-value]  # what is tested


def _word(word: str) -> str:
    return word


@strawberry.type
class Query:
    @strawberry.field
    def plain(self) -> str:
        return "plain"

    @strawberry.field
    def pets(self) -> list[Pet]:
        return [Cat(name="Tom", lives=9, color=Color.RED), Dog(name="Rex"), Cat(name="Kit", lives=1, color=Color.BLUE)]

    @strawberry.field
    def animals(self) -> list[Animal | None]:
        return [Cat(name="Tom", lives=9), None, Dog(name="Rex"), Row("Row"), 7]  # type: ignore[list-item]  # what is tested

    @strawberry.field
    def rows(self) -> list[Dog]:
        return [Row("one"), Row("two")]  # type: ignore[list-item]  # rows stand for objects

    @strawberry.field
    def strict(self) -> list[Cat] | None:
        return [Cat(name="Tom", lives=9), Row(None)]  # type: ignore[list-item]  # what is tested

    @strawberry.field
    def nulls(self) -> list[int] | None:
        return [1, 2, None, 4]  # type: ignore[list-item]  # what is tested

    @strawberry.field
    def numbers(self) -> list[int | None]:
        return [1, "2", 2**40, None, True, 2.0, RuntimeError("item"), later(5), later(2**40)]  # type: ignore[list-item]

    @strawberry.field
    def matrix(self) -> list[list[float | None]]:
        return [[1.5, float("nan")], (2, None), []]  # type: ignore[list-item]  # a tuple is a list too

    @strawberry.field
    async def arriving(self) -> AsyncIterator[int]:
        for number in (1, 2, 3):
            await asyncio.sleep(0)
            yield number

    @strawberry.field
    def no_list(self) -> list[str] | None:
        return "text"  # type: ignore[return-value]  # what is tested

    @strawberry.field
    def awaited_object(self) -> Deep | None:
        return later(Deep(level=7))  # type: ignore[return-value]  # an awaitable of a synchronous resolver

    doubled: str = strawberry.field(resolver=_word, extensions=[Doubled()])

    @strawberry.field
    def echo(self, words: list[str] | None = strawberry.UNSET, color: Color = Color.BLUE) -> str:
        return f"{words} {color}"

    @strawberry.field
    def deep(self) -> Deep | None:
        return Deep(level=0)

    @strawberry.field
    def strict_deep(self) -> Deep:
        return Deep(level=0)


async def _later(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


def later(value: Any) -> Awaitable[Any]:
    """The value, a moment later."""
    return _later(value)
