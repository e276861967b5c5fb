"""JMESPath compiled to Python closures.

The library walks its syntax tree for every record; closures built once from the same tree answer about ten times
faster. Grammar, functions and semantics stay the library's: it parses, and its own functions are called. One thing
differs on purpose: where the library raises on unexpected data (`length` of null), the value is None.
"""

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

from jmespath.exceptions import ArityError, IncompleteExpressionError, JMESPathError, ParseError
from jmespath.functions import Functions
from jmespath.parser import Parser

from connectors.extraction.comparison import equal, is_false, is_number, orderable
from connectors.extraction.jmespath_limits import LONGEST, Node, bounded, check_jmespath
from connectors.extraction.names import quoted

Expression = Callable[[Any], Any]

_FUNCTIONS = Functions()
_ORDERINGS = {"lt": operator.lt, "gt": operator.gt, "lte": operator.le, "gte": operator.ge}


class ExpressionError(ValueError):
    """Text that is no expression of its language; the message says what is wrong in it."""


class _Expression:
    """An `&expression` argument; the library recognizes it by this class name and calls `visit`."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    @staticmethod
    def visit(expression: Expression, value: Any) -> Any:
        return expression(value)


@functools.lru_cache(maxsize=4_096)
def compile_expression(text: str) -> Expression:
    """A function from a decoded JSON value to what the expression finds there, None when nothing; it never raises.

    Names outside ASCII need no quotes: `data.课程名称[0]`. What was compiled is kept, because a walk through a listing
    begins with compiling the paths of its section.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"a JMESPath has at most {LONGEST:,} characters, this one {len(text):,}")
    try:
        tree = Parser().parse(quoted(text)).parsed
        check_jmespath(tree, _FUNCTIONS.FUNCTION_TABLE)
        found = _compile(tree)
    except JMESPathError as error:
        raise ExpressionError(_message(error, text)) from error
    except RecursionError as error:
        raise ExpressionError(f"{text[:40]}…: it is nested too deeply") from error
    if tree["type"] in ("field", "identity", "current", "literal"):
        return found

    def guarded(value: Any) -> Any:
        try:
            return found(value)
        except (JMESPathError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError):
            return None

    return guarded


def _message(error: JMESPathError, text: str) -> str:
    """What is wrong, in the partner's own spelling: the parser saw names that were put in quotes for it."""
    if isinstance(error, IncompleteExpressionError):
        return f"{text}: it is incomplete"
    if isinstance(error, ArityError) or not isinstance(error, ParseError):
        return f"{text}: {error}"
    near = str(error.token_value) if '"' in text else str(error.token_value).replace('"', "")
    return f"{text}: something is wrong near {near}" if near else f"{text}: something is missing at its end"


def _compile(node: Node) -> Expression:
    return _COMPILERS[node["type"]](node)


def _field(node: Node) -> Expression:
    name = node["value"]

    def field(value: Any) -> Any:
        return value.get(name) if type(value) is dict else None

    return field


def _chain(node: Node) -> Expression:
    steps = [_compile(child) for child in node["children"]]
    if all(child["type"] == "field" for child in node["children"]):
        return _field_chain([child["value"] for child in node["children"]])
    if len(steps) == 2:
        first, second = steps
        return lambda value: second(first(value))

    def chain(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return chain


def _field_chain(names: Sequence[str]) -> Expression:
    def fields(value: Any) -> Any:
        for name in names:
            if type(value) is not dict:
                return None
            value = value.get(name)
        return value

    return fields


def _identity(_: Node) -> Expression:
    return lambda value: value


def _literal(node: Node) -> Expression:
    constant = node["value"]
    return lambda _: constant


def _index(node: Node) -> Expression:
    position = node["value"]

    def index(value: Any) -> Any:
        if type(value) is not list:
            return None
        return value[position] if -len(value) <= position < len(value) else None

    return index


def _slice(node: Node) -> Expression:
    span = slice(*node["children"])
    return lambda value: value[span] if type(value) is list else None


def _projection(node: Node) -> Expression:
    base, each = _compile(node["children"][0]), _compile(node["children"][1])

    def projection(value: Any) -> Any:
        found = base(value)
        if type(found) is not list:
            return None
        return [item for element in found if (item := each(element)) is not None]

    return projection


def _value_projection(node: Node) -> Expression:
    base, each = _compile(node["children"][0]), _compile(node["children"][1])

    def projection(value: Any) -> Any:
        found = base(value)
        if type(found) is not dict:
            return None
        return [item for element in found.values() if (item := each(element)) is not None]

    return projection


def _filter_projection(node: Node) -> Expression:
    base, each, condition = (_compile(child) for child in node["children"])

    def projection(value: Any) -> Any:
        found = base(value)
        if type(found) is not list:
            return None
        kept = (each(element) for element in found if not is_false(condition(element)))
        return [item for item in kept if item is not None]

    return projection


def _flatten(node: Node) -> Expression:
    base = _compile(node["children"][0])

    def flatten(value: Any) -> Any:
        found = base(value)
        if type(found) is not list:
            return None
        merged: list[Any] = []
        for element in found:
            if type(element) is list:
                merged.extend(element)
            else:
                merged.append(element)
        return merged

    return flatten


def _comparator(node: Node) -> Expression:
    left, right = (_compile(child) for child in node["children"])
    if node["value"] == "eq":
        return lambda value: equal(left(value), right(value))
    if node["value"] == "ne":
        return lambda value: not equal(left(value), right(value))
    order = _ORDERINGS[node["value"]]

    def ordered(value: Any) -> Any:
        one, other = left(value), right(value)
        return order(one, other) if orderable(one) and orderable(other) else None

    return ordered


def _or(node: Node) -> Expression:
    left, right = (_compile(child) for child in node["children"])

    def either(value: Any) -> Any:
        found = left(value)
        return right(value) if is_false(found) else found

    return either


def _and(node: Node) -> Expression:
    left, right = (_compile(child) for child in node["children"])

    def both(value: Any) -> Any:
        found = left(value)
        return found if is_false(found) else right(value)

    return both


def _not(node: Node) -> Expression:
    inner = _compile(node["children"][0])

    def negation(value: Any) -> bool:
        found = inner(value)
        return False if is_number(found) and found == 0 else not found

    return negation


def _multi_select_dict(node: Node) -> Expression:
    pairs = [(pair["value"], _compile(pair["children"][0])) for pair in node["children"]]
    return lambda value: None if value is None else {name: found(value) for name, found in pairs}


def _multi_select_list(node: Node) -> Expression:
    items = [_compile(child) for child in node["children"]]
    return lambda value: None if value is None else [found(value) for found in items]


def _function(node: Node) -> Expression:
    name = node["value"]
    arguments = [_compile(child) for child in node["children"]]
    call = _FUNCTIONS.call_function
    return lambda value: bounded(call(name, [argument(value) for argument in arguments]))


def _reference(node: Node) -> Expression:
    reference = _Expression(_compile(node["children"][0]))
    return lambda _: reference


_COMPILERS: dict[str, Callable[[Node], Expression]] = {
    "field": _field,
    "subexpression": _chain,
    "index_expression": _chain,
    "pipe": _chain,
    "identity": _identity,
    "current": _identity,
    "literal": _literal,
    "index": _index,
    "slice": _slice,
    "projection": _projection,
    "value_projection": _value_projection,
    "filter_projection": _filter_projection,
    "flatten": _flatten,
    "comparator": _comparator,
    "or_expression": _or,
    "and_expression": _and,
    "not_expression": _not,
    "multi_select_dict": _multi_select_dict,
    "multi_select_list": _multi_select_list,
    "function_expression": _function,
    "expref": _reference,
}
