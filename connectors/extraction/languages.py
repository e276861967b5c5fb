"""The two languages of paths: JMESPath for JSON, XPath for XML, with what a record is in each."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from lxml import etree

from connectors.extraction.expressions import Expression, compile_expression
from connectors.extraction.kinds import kind_of
from connectors.extraction.namespaces import NAMESPACES
from connectors.extraction.xpath import compile_xpath, is_element


class Language(Protocol):
    """How values are found in the records of a platform."""

    @property
    def name(self) -> str:
        """`jmespath` or `xpath`."""

    def compile(self, text: str) -> Expression:
        """A function from a record to a plain value, None when there is none; raises `ExpressionError`."""

    def compile_entries(self, text: str) -> Expression:
        """As `compile`, for records and for lists whose entries are mapped: an XML element always stays an element."""

    def is_record(self, raw: Any) -> bool:
        """Whether a value has parts that paths can name: an object, an element."""

    def canonical(self, raw: Any) -> bytes:
        """The form that equal records share; `TypeError` for what is nested too deeply or no record."""

    def digest(self, raw: Any) -> str:
        """SHA-256 of the canonical form, in hexadecimal; `TypeError` as there."""

    def text(self, raw: Any) -> str:
        """What the platform sent, to be read by people; never raises."""


@dataclass(frozen=True, slots=True)
class _JmesPathLanguage:
    name: str = "jmespath"

    def compile(self, text: str) -> Expression:
        return compile_expression(text)

    def compile_entries(self, text: str) -> Expression:
        return compile_expression(text)

    def is_record(self, raw: Any) -> bool:
        return type(raw) is dict

    def canonical(self, raw: Any) -> bytes:
        return orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)

    def digest(self, raw: Any) -> str:
        return hashlib.sha256(self.canonical(raw)).hexdigest()

    def text(self, raw: Any) -> str:
        try:
            return orjson.dumps(raw).decode()
        except TypeError:
            return f"{kind_of(raw)} nested too deeply to be kept"


JMESPATH: Language = _JmesPathLanguage()


@dataclass(frozen=True, slots=True)
class XPathLanguage:
    """XPath 1.0; `namespaces` adds prefixes to the common ones or gives them another meaning."""

    namespaces: Mapping[str, str] = field(default_factory=dict)
    name: str = "xpath"

    def compile(self, text: str) -> Expression:
        """See `compile_xpath`."""
        return compile_xpath(text, {**NAMESPACES, **self.namespaces})

    def compile_entries(self, text: str) -> Expression:
        """See `compile_xpath`."""
        return compile_xpath(text, {**NAMESPACES, **self.namespaces}, elements=True)

    def is_record(self, raw: Any) -> bool:
        """Elements are records."""
        return is_element(raw)

    def canonical(self, raw: Any) -> bytes:
        """Exclusive C14N, which is the same whatever surrounds the element; comments do not count."""
        if not is_element(raw):
            raise TypeError(f"an element was expected, not {kind_of(raw)}")
        try:
            return etree.tostring(raw, method="c14n", exclusive=True, with_comments=False)
        except etree.C14NError:
            # relative namespace names have no canonical form; the text as sent tells changes just as well
            return etree.tostring(raw, with_tail=False)

    def digest(self, raw: Any) -> str:
        """SHA-256 of the canonical form."""
        return hashlib.sha256(self.canonical(raw)).hexdigest()

    def text(self, raw: Any) -> str:
        """XML with the namespaces the element needs."""
        return etree.tostring(raw, encoding="unicode", with_tail=False) if is_element(raw) else str(raw)
