"""XPath 1.0 compiled once, with plain values as answers."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from connectors.extraction.expressions import Expression, ExpressionError
from connectors.extraction.xpath_limits import check_xpath


def compile_xpath(text: str, namespaces: Mapping[str, str], *, elements: bool = False) -> Expression:
    """A function from an element to what the expression finds below it, None when nothing; it never raises.

    Text nodes, attributes and elements without child elements give stripped text; an element with child elements stays
    an element. One result is given as it is, several as a list. Whole numbers are `int`. With `elements` every element
    stays one, for lists whose entries are mapped.
    """
    check_xpath(text, namespaces)
    try:
        find = etree.XPath(text, namespaces=dict(namespaces), regexp=False, smart_strings=False)
        find(etree.Element("sample"))
    except (etree.XPathError, ValueError) as error:
        raise ExpressionError(f"{text}: {str(error).lower()}") from error
    value_of = _element if elements else _text_or_element

    def found(element: Any) -> Any:
        if not isinstance(element, etree._Element):
            return None
        try:
            return _value(find(element), value_of)
        except etree.XPathError:
            return None

    return found


def _value(found: Any, value_of: Callable[[etree._Element], Any]) -> Any:
    if isinstance(found, str):
        return found.strip() or None
    if isinstance(found, bool):
        return found
    if isinstance(found, float):
        if not math.isfinite(found):
            return None
        return int(found) if found.is_integer() else found
    values = [value for node in found if (value := _node(node, value_of)) is not None]
    return values if len(values) > 1 else values[0] if values else None


def _node(node: Any, value_of: Callable[[etree._Element], Any]) -> Any:
    if isinstance(node, str):
        return node.strip() or None
    return value_of(node) if is_element(node) else None


def _element(element: etree._Element) -> etree._Element:
    return element


def _text_or_element(element: etree._Element) -> Any:
    if any(is_element(child) for child in element):
        return element
    return "".join(element.itertext()).strip() or None


def is_element(node: Any) -> bool:
    """Whether a node is an element, which comments and processing instructions are not."""
    return isinstance(node, etree._Element) and isinstance(node.tag, str)
