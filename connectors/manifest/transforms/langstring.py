"""Texts that carry their language."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from connectors.manifest.transforms.language_map import language_map
from connectors.manifest.transforms.reading import shown

TAKES_LISTS = True
_LANGUAGES = ("lang", "language", "@language", "@lang", "xml:lang", "@xml:lang", "locale")
_TEXTS = ("text", "value", "@value", "#text", "string", "_")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def langstring(value: Any, *, prefer: str = "zh") -> str | None:
    """One text from `{lang, text}` pairs, an object by language or LOM strings: that in `prefer`, else the first.

    >>> langstring([{"lang": "en", "text": "Pythagorean theorem"}, {"lang": "zh-CN", "text": "勾股定理"}])
    '勾股定理'
    """
    texts: dict[str, str] = {}
    for language, text in _pairs(value):
        if text.strip():
            texts.setdefault(language, text.strip())
    return language_map(texts, prefer=prefer)


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _pairs(item)
    elif isinstance(value, str):
        yield "", value
    elif isinstance(value, etree._Element):
        yield from _elements(value)
    elif isinstance(value, dict):
        text = next((value[key] for key in _TEXTS if isinstance(value.get(key), str)), None)
        if text is not None:
            yield next((str(value[key]) for key in _LANGUAGES if value.get(key)), ""), text
        else:
            yield from ((str(language), text) for language, text in value.items() if isinstance(text, str))
    elif value is not None:
        raise ValueError(f"texts with their languages were expected, not {shown(value)}")


def _elements(parent: etree._Element) -> Iterator[tuple[str, str]]:
    for element in parent.iter(etree.Element):
        if not len(element):
            yield element.get("language") or element.get(_XML_LANG) or "", element.text or ""
