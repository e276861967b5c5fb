"""Objects of the graph that show a row: nothing is copied when one is made, and a field is read when it is asked for.

A page of results makes an object for each hit, of whose thirty fields a client asks for a few.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar, cast

T = TypeVar("T")


def shows(**fields: str | Callable[[Any], Any]) -> Callable[[type[T]], type[T]]:
    """A decorator, put above `strawberry.type`, that says where fields of the class are read.

    Each is the path of an attribute, such as `stored.record.title`, or a function of the object. Objects of the class
    are then made without its initializer, and given what the paths begin with.
    """

    def decorate(cls: type[T]) -> type[T]:
        for name, field in fields.items():
            setattr(cls, name, property(attrgetter(field) if isinstance(field, str) else field))
        return cls

    return decorate


def as_shown(_cls: type[T], row: object) -> T:
    """A row whose attributes have the names of the type's fields, so that nothing is made of it."""
    return cast("T", row)


def unchanging(cls: type[T]) -> type[T]:
    """A decorator for types whose objects are kept for the life of the process and never change.

    What was selected of such an object is completed once (gateway/graph/compiled).
    """
    cls.__unchanging__ = True  # type: ignore[attr-defined]  # read by name, so that no type must inherit it
    return cls
