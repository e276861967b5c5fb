"""Truth, equality and order as JMESPath has them."""

from typing import Any


def truthy(value: Any) -> bool:
    """JMESPath truth: null, false and empty text, lists and objects are false; zero is true."""
    return not is_false(value)


def is_false(value: Any) -> bool:
    """Null, false and empty text, lists and objects."""
    return value is None or value is False or (not value and type(value) in (str, list, dict))


def equal(left: Any, right: Any) -> bool:
    """Equality as the library has it: 1 equals neither true nor "1", at the top level."""
    if type(left) is str or type(right) is str:
        return bool(left == right)
    if is_number(left) and left in (0, 1):
        return not isinstance(right, bool) and bool(left == right)
    if is_number(right) and right in (0, 1):
        return not isinstance(left, bool) and bool(left == right)
    return bool(left == right)


def is_number(value: Any) -> bool:
    """Numbers, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def orderable(value: Any) -> bool:
    """What `<` and its like compare: numbers and text."""
    return isinstance(value, str) or is_number(value)
