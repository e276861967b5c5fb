"""Vocabulary tables: what a platform's words are called in ours."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from schema.access import Access
from schema.records import Record
from schema.vocabularies import Vocabulary, VocabularyScheme, fold, vocabulary

STRICTEST = tuple(Access)[-1].value
"""What is neither stated nor understood is shown to nobody it might not be meant for."""


class OnUnmapped(StrEnum):
    """What happens to a value that no table knows."""

    REPORT = "report"
    QUARANTINE = "quarantine"
    DROP = "drop"


def _codes(value: Any) -> Any:
    if value is None:
        return ()
    return (str(value),) if isinstance(value, str | int) and not isinstance(value, bool) else value


Codes = Annotated[tuple[str, ...], BeforeValidator(_codes)]


class TableSpec(Record):
    """One table under `vocabularies:`.

    `values` maps the platform's values to a code, to several codes, or to null where a value is known and means nothing
    here. What they do not hold is looked up in the gateway's own vocabulary of the `scheme`, which is the field's own
    unless it is named, by code, label and alias; `fallback: false` switches that off.
    """

    scheme: VocabularyScheme | None = None
    values: dict[str, Codes] = Field(default_factory=dict)
    on_unmapped: OnUnmapped = OnUnmapped.REPORT
    fallback: bool = True


def _other(scheme: VocabularyScheme | None, terms: Vocabulary | None) -> str | None:
    """The code for what nobody knows: OTHER where there is one, and for access the strictest tier."""
    if scheme is VocabularyScheme.ACCESS:
        return STRICTEST
    return "OTHER" if terms is not None and "OTHER" in terms.terms else None


class Lookup:
    """A table ready for use: local values first, then the gateway's vocabulary. Answers are remembered."""

    __slots__ = ("_fallback", "_known", "_remembered", "on_unmapped", "other")

    REMEMBERED = 10_000

    def __init__(self, spec: TableSpec | None, scheme: VocabularyScheme | None) -> None:
        chosen = (spec.scheme if spec else None) or scheme
        terms = vocabulary(chosen) if chosen else None
        self._known: Mapping[str, tuple[str, ...]] = {
            folded: codes for value, codes in (spec.values if spec else {}).items() for folded in {value, fold(value)}
        }
        self._fallback: Vocabulary | None = terms if spec is None or spec.fallback else None
        self._remembered: dict[str, tuple[str, ...] | None] = {}
        self.on_unmapped = spec.on_unmapped if spec else OnUnmapped.REPORT
        self.other = _other(chosen, terms)

    def find(self, value: str) -> tuple[str, ...] | None:
        """The codes for a value, none for one that means nothing here, None for one that nobody knows."""
        try:
            return self._remembered[value]
        except KeyError:
            found = self._find(value)
            if len(self._remembered) < self.REMEMBERED:
                self._remembered[value] = found
            return found

    def _find(self, value: str) -> tuple[str, ...] | None:
        local = self._known.get(value)
        if local is None:
            local = self._known.get(fold(value))
        if local is not None:
            return local
        term = self._fallback.resolve(value) if self._fallback else None
        return None if term is None else (term.code,)
