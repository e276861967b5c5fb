"""Words for review, evaluation, awards and recognition between organizations."""

from enum import StrEnum


class ReviewStatus(StrEnum):
    """Where a resource stands in expert review."""

    UNREVIEWED = "UNREVIEWED"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    WITHDRAWN = "WITHDRAWN"


class EvaluatorKind(StrEnum):
    """第三方评估 and 自评 stay apart and are never averaged."""

    THIRD_PARTY = "THIRD_PARTY"
    SELF = "SELF"


class Level(StrEnum):
    """Level of an award or a training: 国家, 省, 市, 区, 集团, 校本."""

    NATIONAL = "NATIONAL"
    PROVINCIAL = "PROVINCIAL"
    CITY = "CITY"
    DISTRICT = "DISTRICT"
    SCHOOL_GROUP = "SCHOOL_GROUP"
    SCHOOL = "SCHOOL"


class RecognitionState(StrEnum):
    """校际互认: what another organization says of a result."""

    RECOGNIZED = "RECOGNIZED"
    PARTLY_RECOGNIZED = "PARTLY_RECOGNIZED"
    NOT_RECOGNIZED = "NOT_RECOGNIZED"
    PENDING = "PENDING"
