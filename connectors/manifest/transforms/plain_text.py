"""Numbers as text."""

from typing import Any

from connectors.manifest.transforms.reading import text


def plain_text(value: Any) -> str:
    """The value as text, for platforms that send numbers as identifiers; runs of white space become one blank.

    >>> plain_text(62)
    '62'
    """
    return " ".join(text(value).split())
