"""The GraphQL query that would bring what a sample holds."""

import re
from collections.abc import Sequence
from typing import Any

from connectors.drafts.writing import Lines

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DEEPEST = 5


def selection(path: Sequence[str], records: Sequence[Any], document: Any) -> Lines:
    """A query for the Relay connection at a path, selecting every field that any of the records has."""
    *outer, connection = path
    found: Any = document["data"]
    for key in path:
        found = found[key]
    extra = [key for key, value in found.items() if type(value) is int and _NAME.fullmatch(key)]
    lines = ["query Draft($first: Int, $after: String) {"]
    lines += [f"{'  ' * (number + 1)}{key} {{" for number, key in enumerate(outer)]
    inner = "  " * (len(outer) + 1)
    lines.append(f"{inner}{connection}(first: $first, after: $after) {{")
    lines += [f"{inner}  {key}" for key in extra]
    lines.append(f"{inner}  pageInfo {{ hasNextPage endCursor }}")
    lines.append(f"{inner}  edges {{ node {{ {_selected(records)} }} }}")
    lines += [f"{'  ' * number}}}" for number in range(len(outer) + 1, -1, -1)]
    return Lines(tuple(lines))


def _selected(values: Sequence[Any], depth: int = 0) -> str:
    fields: dict[str, list[Any]] = {}
    for value in values[:200]:
        for key, inner in value.items():
            if _NAME.fullmatch(key):
                fields.setdefault(key, []).extend(inner if isinstance(inner, list) else [inner])
    words = []
    for key, inner in fields.items():
        objects = [one for one in inner if isinstance(one, dict)]
        if not objects:
            words.append(key)
        elif depth < DEEPEST and (chosen := _selected(objects, depth + 1)):
            words.append(f"{key} {{ {chosen} }}")
    return " ".join(words)
