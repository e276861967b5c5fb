"""Terms of controlled vocabularies."""

import functools

import strawberry

from gateway.graph.rows import unchanging
from schema.resources import CodedTerm
from schema.vocabularies import VocabularyScheme, vocabulary

strawberry.enum(
    VocabularyScheme,
    description="One scheme per enum that is shown to people, and per open list; "
    "regions and measures have their own fields.",
)


@unchanging
@strawberry.type
class Term:
    """One entry of a vocabulary, or a platform's own word for it."""

    scheme: VocabularyScheme
    code: str
    label: str
    label_en: str | None
    broader: str | None
    native: str | None = strawberry.field(description="What the platform itself wrote.", default=None)


@functools.lru_cache(maxsize=50_000)
def _term(scheme: VocabularyScheme, code: str, native: str | None) -> Term:
    known = vocabulary(scheme).get(code)
    if known is None:
        return Term(scheme=scheme, code=code, label=native or code, label_en=None, broader=None, native=native)
    return Term(
        scheme=scheme, code=code, label=known.label, label_en=known.label_en, broader=known.broader, native=native
    )


def coded_term(scheme: VocabularyScheme, coded: CodedTerm) -> Term:
    """The term of a record; a code the vocabulary lacks is labeled with the platform's own word."""
    return _term(scheme, coded.code, coded.native)


def terms_of(scheme: VocabularyScheme) -> list[Term]:
    """Every term of a scheme in its natural order."""
    return [_term(scheme, code, None) for code in vocabulary(scheme).terms]
