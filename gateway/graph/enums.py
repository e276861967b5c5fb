"""Every enum of the schema package and the catalog that the graph publishes, under its own name."""

from enum import EnumMeta

import strawberry

from gateway.catalog.query import FacetDimension, ResourceSort
from gateway.catalog.results import SuggestionKind
from gateway.graph.ports import HealthState
from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.people import ContributorRole, OrganizationKind
from schema.platforms import Capability
from schema.programs import MemberRole, ProgramKind
from schema.quality import EvaluatorKind, Level, RecognitionState, ReviewStatus
from schema.regions import RegionLevel
from schema.relations import Relation
from schema.stages import SchoolSystem, Stage
from schema.vocabularies import VocabularyScheme

PUBLISHED: tuple[EnumMeta, ...] = (
    Access,
    Capability,
    ClassroomKind,
    ContributorRole,
    DeliveryChannel,
    EvaluatorKind,
    FacetDimension,
    HealthState,
    Level,
    MemberRole,
    OrganizationKind,
    ProgramKind,
    RecognitionState,
    RegionLevel,
    Relation,
    ResourceKind,
    ResourceSort,
    ReviewStatus,
    SchoolSystem,
    Stage,
    SuggestionKind,
    TeachingMode,
    VocabularyScheme,
)
DESCRIPTIONS = {
    SchoolSystem: "How nine years of compulsory schooling are split: six and three, or five and four (五·四学制).",
    VocabularyScheme: "One scheme per enum that is shown to people, and per open list; "
    "regions and measures have their own fields.",
}


def publish_enums() -> None:
    """Tell Strawberry about the enums; to be called before a schema is built."""
    for published in PUBLISHED:
        strawberry.enum(published, description=DESCRIPTIONS.get(published))
