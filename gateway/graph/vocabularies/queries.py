"""Root field for vocabularies."""

import strawberry

from gateway.graph.vocabularies.types import Term, terms_of
from schema.vocabularies import VocabularyScheme


@strawberry.type
class VocabularyQuery:
    """Controlled vocabularies with labels for people."""

    @strawberry.field
    def vocabulary(self, scheme: VocabularyScheme) -> list[Term] | None:
        return terms_of(scheme)
