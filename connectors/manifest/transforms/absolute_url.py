"""Relative addresses."""

from typing import Any
from urllib.parse import urljoin, urlsplit

from connectors.manifest.transforms.reading import shown, text


def check_options(*, base: str = "") -> None:
    """The base has to be an absolute address."""
    if urlsplit(base).scheme not in ("http", "https"):
        raise ValueError(f"the option 'base' is an absolute address such as https://example.org/, not {base!r}")


def absolute_url(value: Any, *, base: str = "") -> str:
    """An address resolved against `base`; absolute addresses stay as they are.

    >>> absolute_url("/courses/62/", base="https://example.org/api/")
    'https://example.org/courses/62/'
    """
    try:
        return urljoin(base, text(value))
    except ValueError:
        raise ValueError(f"an address was expected, not {shown(value)}") from None
