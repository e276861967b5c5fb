"""Controlled vocabularies: data with code, Chinese and English label, broader term and aliases."""

import csv
import difflib
import functools
import importlib.resources
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schema.errors import UnknownTerm

_FOLDED_CHARACTERS = str.maketrans("_–—−~〜", "------", "·•・‧")
_LONGEST_NAME = 100
_DASH_OUTSIDE_NUMBERS = re.compile(r"(?<!\d)-+|-+(?!\d)")


class VocabularyScheme(StrEnum):
    """One scheme per enum that is shown to people, and per open list."""

    STAGE = "STAGE"
    GRADE = "GRADE"
    SUBJECT = "SUBJECT"
    EDITION = "EDITION"
    KIND = "KIND"
    TEACHING_MODE = "TEACHING_MODE"
    CLASSROOM_KIND = "CLASSROOM_KIND"
    DELIVERY = "DELIVERY"
    ACCESS = "ACCESS"
    LICENSE = "LICENSE"
    CONTRIBUTOR_ROLE = "CONTRIBUTOR_ROLE"
    LEVEL = "LEVEL"
    TRAINING_KIND = "TRAINING_KIND"
    TRAINING_FORM = "TRAINING_FORM"
    TRAINING_ROLE = "TRAINING_ROLE"
    TRAINING_UNIT = "TRAINING_UNIT"
    TRAINING_OUTCOME = "TRAINING_OUTCOME"
    RECORD_STATE = "RECORD_STATE"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a vocabulary."""

    scheme: VocabularyScheme
    code: str
    label: str
    label_en: str | None = None
    broader: str | None = None
    aliases: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of one scheme in their natural order, findable by code, label or alias."""

    scheme: VocabularyScheme
    terms: Mapping[str, Term]
    names: Mapping[str, str]
    """Folded code, label or alias to code."""

    def get(self, code: str) -> Term | None:
        """The term with exactly this code."""
        return self.terms.get(code)

    def require(self, code: str) -> Term:
        """The term with exactly this code; `UnknownTerm` names the scheme and the nearest code when there is none."""
        term = self.terms.get(code)
        if term is None:
            near = self.nearest(code)
            hint = f"; did you mean {near.code!r} ({near.label})?" if near else ""
            raise UnknownTerm(f"{code!r} is not a code of {self.scheme}{hint}")
        return term

    def resolve(self, text: str) -> Term | None:
        """The term whose code, label or alias this text is, regardless of width, case and spaces."""
        code = self.names.get(fold(text))
        return None if code is None else self.terms[code]

    def nearest(self, text: str) -> Term | None:
        """The term that this text most likely means, for suggestions in errors only; None when nothing is like it.

        Two Chinese characters of which one is right are near enough, Latin words must agree for the greater part.
        """
        found = self.resolve(text)
        if found is not None:
            return found
        folded = fold(text[:_LONGEST_NAME])
        cutoff = 0.72 if folded.isascii() else 0.5
        near = difflib.get_close_matches(folded, self.names, n=1, cutoff=cutoff)
        return self.terms[self.names[near[0]]] if near else None


def fold(text: str) -> str:
    """How names are compared: NFKC, case folded, without white space, interpuncts and dashes.

    A dash between two digits stays, so that 1-2年级 never becomes 12年级. Platforms repeat few short values, hence the
    cache; long text is not kept.
    """
    return _fold_name(text) if len(text) <= _LONGEST_NAME else _fold(text)


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    bare = _DASH_OUTSIDE_NUMBERS.sub("", "".join(folded.split()).translate(_FOLDED_CHARACTERS))
    return bare if bare == text else _fold(bare)  # what stood apart may compose or fold again


_fold_name = functools.lru_cache(maxsize=16_384)(_fold)


@functools.cache
def vocabulary(scheme: VocabularyScheme) -> Vocabulary:
    """Load a vocabulary from its table in `schema/data`; cached, a few milliseconds the first time."""
    table = importlib.resources.files("schema").joinpath("data", f"{scheme.lower()}.csv").read_text("utf-8")
    terms: dict[str, Term] = {}
    names: dict[str, str] = {}
    for row in csv.DictReader(table.splitlines()):
        aliases = tuple(alias for alias in row["aliases"].split("|") if alias)
        term = Term(
            scheme=scheme,
            code=row["code"],
            label=row["label"],
            label_en=row["label_en"] or None,
            broader=row["broader"] or None,
            aliases=aliases,
            url=row.get("url") or None,
        )
        terms[term.code] = term
        for name in (term.code, term.label, term.label_en or "", *aliases):
            if name:
                names.setdefault(fold(name), term.code)
    return Vocabulary(scheme, terms, names)
