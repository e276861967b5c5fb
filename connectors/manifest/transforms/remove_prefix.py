"""Beginnings of text."""

from typing import Any

from connectors.manifest.transforms.reading import text


def check_options(*, prefix: str = "") -> None:
    """There has to be something to remove."""
    if not prefix:
        raise ValueError("the option 'prefix' is the text to remove")


def remove_prefix(value: Any, *, prefix: str = "") -> str:
    """Text without `prefix` where it begins with it.

    >>> remove_prefix("ISBN 7-107-18618-5", prefix="ISBN")
    '7-107-18618-5'
    """
    return text(value).removeprefix(prefix).strip()
