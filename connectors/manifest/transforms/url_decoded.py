"""Percent-encoded text."""

from typing import Any
from urllib.parse import unquote

from connectors.manifest.transforms.reading import shown, text


def url_decoded(value: Any) -> str:
    """Text with percent-encoded UTF-8 decoded, as file names in addresses have it.

    >>> url_decoded("%E5%8B%BE%E8%82%A1%E5%AE%9A%E7%90%86.mp4")
    '勾股定理.mp4'
    """
    try:
        return unquote(text(value), errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"percent-encoded UTF-8 was expected, not {shown(value)}") from None
