"""Text by language."""

from typing import Any

from connectors.manifest.transforms.reading import shown


def language_map(value: Any, *, prefer: str = "zh") -> str | None:
    """One text from an object by language: an exact or regional match of `prefer`, else the first that is not empty.

    >>> language_map({"en": "Pythagorean theorem", "zh-CN": "勾股定理"})
    '勾股定理'
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise ValueError(f"an object of texts by language was expected, not {shown(value)}")
    texts = {str(language).lower(): text for language, text in value.items() if isinstance(text, str) and text.strip()}
    wanted = prefer.lower()
    for language, text in texts.items():
        if language == wanted or language.startswith((wanted + "-", wanted + "_")):
            return text
    return next(iter(texts.values()), None)
