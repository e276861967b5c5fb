"""What a manifest's fields may be called and what they hold: read off the resource record itself."""

import functools
import types
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin

from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.people import ContributorRole
from schema.quality import Level
from schema.records import Record
from schema.resources import CodedTerm, ResourceRecord
from schema.stages import Stage
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole
from schema.vocabularies import VocabularyScheme

SCHEMES_OF_ENUMS: Mapping[type[StrEnum], VocabularyScheme] = {
    ResourceKind: VocabularyScheme.KIND,
    Stage: VocabularyScheme.STAGE,
    TeachingMode: VocabularyScheme.TEACHING_MODE,
    ClassroomKind: VocabularyScheme.CLASSROOM_KIND,
    DeliveryChannel: VocabularyScheme.DELIVERY,
    Access: VocabularyScheme.ACCESS,
    ContributorRole: VocabularyScheme.CONTRIBUTOR_ROLE,
    Level: VocabularyScheme.LEVEL,
    TrainingKind: VocabularyScheme.TRAINING_KIND,
    TrainingForm: VocabularyScheme.TRAINING_FORM,
    TrainingRole: VocabularyScheme.TRAINING_ROLE,
    QuantityUnit: VocabularyScheme.TRAINING_UNIT,
    Outcome: VocabularyScheme.TRAINING_OUTCOME,
    RecordState: VocabularyScheme.RECORD_STATE,
}
SCHEMES_OF_FIELDS: Mapping[str, VocabularyScheme] = {
    "grades": VocabularyScheme.GRADE,
    "subjects": VocabularyScheme.SUBJECT,
    "subject": VocabularyScheme.SUBJECT,
    "edition": VocabularyScheme.EDITION,
    "license": VocabularyScheme.LICENSE,
}


@dataclass(frozen=True, slots=True)
class Target:
    """One field of a record: its name in a manifest and what it holds.

    `scheme` is the vocabulary its values belong to; `words` are the only values it takes; `record` is the nested
    record; `region` holds GB/T 2260 codes and `text` plain text.
    """

    name: str
    required: bool
    many: bool
    scheme: VocabularyScheme | None
    words: type[StrEnum] | None
    record: type[Record] | None
    coded: bool
    region: bool
    text: bool


@functools.cache
def targets(record: type[Record] = ResourceRecord) -> Mapping[str, Target]:
    """The fields of a record by the names a manifest uses."""
    found: dict[str, Target] = {}
    for attribute, info in record.model_fields.items():
        name = info.alias or attribute
        kinds = _kinds(info.annotation)
        many = tuple in kinds
        inner = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Record)), None)
        words = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum)), None)
        coded = inner is CodedTerm
        found[name] = Target(
            name=name,
            required=info.is_required(),
            many=many,
            scheme=(SCHEMES_OF_ENUMS.get(words) if words else None) or SCHEMES_OF_FIELDS.get(name),
            words=words,
            record=None if coded else inner,
            coded=coded,
            region=attribute in ("region", "audience_regions"),
            text=str in kinds,
        )
    return found


def _kinds(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType, Annotated):
        arguments = get_args(annotation)
        return [kind for argument in (arguments[:1] if origin is Annotated else arguments) for kind in _kinds(argument)]
    if origin is tuple:
        return [tuple, *_kinds(get_args(annotation)[0])]
    return [annotation]
