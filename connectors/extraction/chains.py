"""Paths that do nothing but step from field to field, such as `data.school.name`."""

from jmespath.exceptions import JMESPathError
from jmespath.parser import Parser

from connectors.extraction.jmespath_limits import LONGEST, Node
from connectors.extraction.names import quoted


def chain_of_names(text: str) -> tuple[str, ...] | None:
    """The names of the fields that a JMESPath steps through, None where it does anything else or is none."""
    if len(text) > LONGEST:
        return None
    try:
        return _names(Parser().parse(quoted(text)).parsed)
    except (JMESPathError, RecursionError):
        return None


def _names(node: Node) -> tuple[str, ...] | None:
    if node["type"] == "field":
        return (str(node["value"]),)
    if node["type"] != "subexpression":
        return None
    steps = [_names(child) for child in node["children"]]
    return None if None in steps else tuple(name for step in steps if step for name in step)
