"""Templates for identifiers and addresses: text with paths in braces, and nothing more."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from connectors.extraction import JMESPATH, ExpressionError, Language

_PIECE = re.compile(r"\{([^{}]*)\}")


class TemplateError(ValueError):
    """A template that cannot be used."""


def pieces_of(text: str) -> tuple[list[str], list[str]]:
    """The literal pieces of a template and the paths between them; raises `TemplateError`."""
    pieces = _PIECE.split(text)
    if len(pieces) == 1:
        raise TemplateError("it names no value in braces, such as {id}")
    if "{" in "".join(pieces[::2]) or "}" in "".join(pieces[::2]):
        raise TemplateError("a brace has no partner")
    return pieces[::2], pieces[1::2]


def compile_template(
    text: str, language: Language = JMESPATH, *, encode: bool | None = None
) -> Callable[[Any], str | None]:
    """A function that fills the braces of `{app}:{id}` from a record; None when one of them is missing.

    In a template that is an address, and where `encode` says so, values are percent-encoded, and one that makes a step
    of the path `.` or `..` counts as missing.
    """
    literals, paths = pieces_of(text)
    try:
        expressions = [language.compile(path) for path in paths]
    except ExpressionError as error:
        raise TemplateError(str(error)) from error
    encoded = text.startswith(("http://", "https://")) if encode is None else encode

    def fill(record: Any) -> str | None:
        written = [literals[0]]
        for expression, literal in zip(expressions, literals[1:], strict=True):
            value = expression(record)
            if value is None or value == "" or isinstance(value, bool | list | dict):
                return None
            written.append(quote(str(value), safe="") if encoded else str(value))
            written.append(literal)
        filled = "".join(written)
        # a value `..` would climb out of the path that the manifest names
        climbs = encoded and any(part in (".", "..") for part in filled.partition("?")[0].split("/"))
        return None if climbs else filled

    return fill
