"""Objects of the graph that show a row: nothing is copied when one is made, and a field is read when it is asked for.

A page of results makes an object for each hit, of whose thirty fields a client asks for a few.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def shows(**fields: str | Callable[[Any], Any]) -> Callable[[type[T]], type[T]]:
    """A decorator, put above `strawberry.type`, that says where fields of the class are read.

    Each is the path of an attribute, such as `stored.record.title`, or a function of the object. An object of the class
    is then made by `showing`, with the rest of its fields.
    """

    def decorate(cls: type[T]) -> type[T]:
        for name, field in fields.items():
            setattr(cls, name, property(attrgetter(field) if isinstance(field, str) else field))
        return cls

    return decorate


def showing(cls: type[T], **values: Any) -> T:
    """An object of a class whose other fields are shown."""
    made = cls.__new__(cls)
    vars(made).update(values)
    return made
