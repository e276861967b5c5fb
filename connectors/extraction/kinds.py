"""What a decoded value is, in words for those who write manifests."""

from typing import Any

_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}


def kind_of(value: Any) -> str:
    """Such as `an object`; whatever is no value of JSON is an element of XML."""
    return word_of(type(value))


def word_of(kind: type) -> str:
    """The same of a type."""
    return _KINDS.get(kind, "an element")
