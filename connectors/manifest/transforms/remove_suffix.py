"""Endings of text."""

from typing import Any

from connectors.manifest.transforms.reading import text


def check_options(*, suffix: str = "") -> None:
    """There has to be something to remove."""
    if not suffix:
        raise ValueError("the option 'suffix' is the text to remove")


def remove_suffix(value: Any, *, suffix: str = "") -> str:
    """Text without `suffix` where it ends with it.

    >>> remove_suffix("重庆市教育委员会（公章）", suffix="（公章）")
    '重庆市教育委员会'
    """
    return text(value).removesuffix(suffix).strip()
