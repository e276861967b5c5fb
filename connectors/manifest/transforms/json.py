"""JSON inside of a string."""

from typing import Any

from connectors.extraction import decode_embedded
from connectors.manifest.transforms.reading import shown


def json(value: Any) -> Any:
    """What a text of JSON says; blank text says nothing, and what is no text is there already.

    >>> json('{"grade": ["三年级"]}')
    {'grade': ['三年级']}
    """
    try:
        return decode_embedded(value, "json")
    except ValueError:
        raise ValueError(f"JSON was expected, not {shown(value)}") from None
