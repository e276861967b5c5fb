"""Small letters."""

from typing import Any

from connectors.manifest.transforms.reading import text


def lower_case(value: Any) -> str:
    """Text in small letters.

    >>> lower_case("Video/MP4")
    'video/mp4'
    """
    return text(value).lower()
