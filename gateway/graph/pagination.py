"""Page sizes, page info and the cursors of lists that are known as a whole."""

import base64
import binascii
from collections.abc import Sequence
from typing import Generic, TypeVar

import strawberry
from strawberry import federation

from gateway.errors import CursorInvalid, LimitExceeded

MAX_FIRST = 100
MOST_ENTITIES = 1_000
"""Representations that a router may send at once, which asks for those of a whole list."""
T = TypeVar("T")


@federation.type(shareable=True)
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    """An entry of a list with its cursor."""

    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    """One page of a list; named after its entries, such as HarvestRunConnection."""

    edges: list[Edge[T]]
    nodes: list[T]
    page_info: PageInfo
    total_count: int


def connection(nodes: Sequence[tuple[str, T]], *, total: int, has_next: bool, has_previous: bool) -> Connection[T]:
    """The page of these cursors and nodes; `total` counts the whole list."""
    return Connection(
        edges=[Edge(cursor=cursor, node=node) for cursor, node in nodes],
        nodes=[node for _, node in nodes],
        page_info=page_info([cursor for cursor, _ in nodes], has_next=has_next, has_previous=has_previous),
        total_count=total,
    )


def bounded(name: str, value: int, highest: int = MAX_FIRST, lowest: int = 0) -> int:
    """The value if it lies within both bounds; raises LimitExceeded that names the argument and the bounds."""
    if lowest <= value <= highest:
        return value
    raise LimitExceeded(f"{name}: {value} is not between {lowest} and {highest}")


def given(value: T | None) -> T | None:
    """The value of an optional argument; None where it was left out."""
    return None if value is strawberry.UNSET else value


def page_info(cursors: Sequence[str], *, has_next: bool, has_previous: bool) -> PageInfo:
    """Page info of the edges with these cursors."""
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=has_previous,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )


def position_cursor(position: int) -> str:
    """The cursor of an entry by its position in a list that is known as a whole."""
    return base64.urlsafe_b64encode(f"at:{position}".encode()).rstrip(b"=").decode()


def position_after(cursor: str | None) -> int:
    """Position of the entry that follows a cursor; raises CursorInvalid for text we did not write."""
    if cursor is None:
        return 0
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        word, _, number = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").partition(":")
        position = int(number[:9])
    except (ValueError, binascii.Error) as error:
        raise CursorInvalid(f"after: {cursor!r} is no cursor of this list") from error
    if word != "at" or position_cursor(position) != cursor:
        raise CursorInvalid(f"after: {cursor!r} is no cursor of this list")
    return position + 1
