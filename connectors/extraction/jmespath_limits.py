"""What a JMESPath of a manifest may say: known functions only, and answers that stay near the size of the record.

`[@, @] | [@, @] | …` doubles what it is given at every step; sixty steps fit into 500 characters. A list
that is written out, put into every entry of another and flattened, multiplies it: `` `[0, 0]`[].[`[0, 0]`][][] ``.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jmespath.exceptions import JMESPathError

LONGEST = 1_000
"""Characters of an expression."""
MOST_COPIES = 1_000
"""How often an answer may hold the record: the product of the entries of all `[…]` and `{…}` in an expression, also of
those in backticks. Flattening only lays open what the product has counted."""
LONGEST_TEXT = 1_000_000
"""Characters of a text that a function makes."""

Node = Mapping[str, Any]


def check_jmespath(tree: Node, functions: Collection[str]) -> None:
    """Raises `JMESPathError` for functions that do not exist and answers that would grow without bound."""
    entries = []
    for node in _nodes(tree):
        if node["type"] == "function_expression" and node["value"] not in functions:
            raise JMESPathError(f"there is no function {node['value']}(); known: {', '.join(sorted(functions))}")
        if node["type"] in ("multi_select_list", "multi_select_dict"):
            entries.append(len(node["children"]))
        if node["type"] == "literal":
            entries.append(max(1, _values(node["value"])))
    if math.prod(entries) > MOST_COPIES:
        raise JMESPathError("the lists and objects it makes would hold the record more than 1,000 times")


def bounded(found: Any) -> Any:
    """A function's answer, None for a text that has outgrown every record."""
    return None if type(found) is str and len(found) > LONGEST_TEXT else found


def _values(literal: Any) -> int:
    """How many values a literal holds at any depth: as many entries can be made of it."""
    if isinstance(literal, list | dict):
        inner = literal.values() if isinstance(literal, dict) else literal
        return sum(max(1, _values(value)) for value in inner)
    return 1


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _nodes(child)
