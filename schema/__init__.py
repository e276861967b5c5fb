"""The common resource schema: words, vocabularies and validated records; floor 0, imports nothing of ours.

The names below need the standard library only; the validated records stand in `schema.resources`.
"""

from schema.access import Access
from schema.errors import InvalidIdentifier, SchemaError, UnknownRegion, UnknownTerm
from schema.findings import Finding, Severity
from schema.identifiers import GlobalId, resource_id
from schema.kinds import ResourceKind
from schema.regions import Region, RegionTree, region_tree
from schema.stages import Stage
from schema.vocabularies import Term, Vocabulary, VocabularyScheme, vocabulary

__all__ = [
    "Access",
    "Finding",
    "GlobalId",
    "InvalidIdentifier",
    "Region",
    "RegionTree",
    "ResourceKind",
    "SchemaError",
    "Severity",
    "Stage",
    "Term",
    "UnknownRegion",
    "UnknownTerm",
    "Vocabulary",
    "VocabularyScheme",
    "region_tree",
    "resource_id",
    "vocabulary",
]
