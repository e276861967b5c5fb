"""Relay connections with opaque cursors, and lists by page number."""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.simulators.catalog import Native
from connectors.simulators.sichuan.execution import refused

MAX_FIRST, MAX_SIZE = 100, 50

Rank = Callable[[int], int]


def connection(
    numbers: Sequence[int], rank: Rank, mark: str, node: Callable[[int], Native], args: Mapping[str, Any]
) -> Native:
    """What follows the cursor in `numbers`, which are sorted by rank and number.

    A cursor names rank and number of the last one, so that an edit meanwhile repeats or skips nothing that it left in
    its place; `mark` is the order it holds for.
    """
    first = whole(args, "first", MAX_FIRST)
    begin = 0
    if (after := args.get("after")) is not None:
        begin = bisect_right(numbers, _position(after, mark), key=lambda number: (rank(number), number))
    chosen = numbers[begin : begin + first]
    edges = [{"cursor": _cursor(mark, rank(number), number), "node": node(number)} for number in chosen]
    return {
        "edges": edges,
        "pageInfo": {
            "hasNextPage": begin + len(edges) < len(numbers),
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
        "totalCount": len(numbers),
    }


def page(numbers: Sequence[int], node: Callable[[int], Native], args: Mapping[str, Any]) -> Native:
    """One page by number, from 1; `items` is empty past the last one."""
    number, size = whole(args, "page", 10**9), whole(args, "size", MAX_SIZE)
    items = [node(one) for one in numbers[(number - 1) * size : number * size]]
    return {"items": items, "total": len(numbers), "page": number, "size": size}


def whole(args: Mapping[str, Any], name: str, most: int) -> int:
    """An argument from 1 to `most`."""
    value = args.get(name)
    if not isinstance(value, int) or value < 1:
        raise refused(f"{name} 应为正整数", "BAD_USER_INPUT")
    if value > most:
        raise refused(f"{name} 不能超过 {most}", "LIMIT_EXCEEDED", max=most)
    return value


def _cursor(mark: str, rank: int, number: int) -> str:
    return base64.b64encode(f"{mark}:{rank}:{number}".encode()).decode()


def _position(cursor: str, mark: str) -> tuple[int, int]:
    try:
        its, rank, number = base64.b64decode(cursor, validate=True).decode().split(":")
        if its == mark:
            return int(rank), int(number)
    except (binascii.Error, ValueError):
        pass
    raise refused("after 不是本列表的游标", "BAD_USER_INPUT")
