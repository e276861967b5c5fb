"""Capital letters."""

from typing import Any

from connectors.manifest.transforms.reading import text


def upper_case(value: Any) -> str:
    """Text in capital letters.

    >>> upper_case("zh-cn")
    'ZH-CN'
    """
    return text(value).upper()
