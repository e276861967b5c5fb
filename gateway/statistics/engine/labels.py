"""What keys of rows are called for people."""

from gateway.statistics.engine.plan import UNKNOWN
from gateway.statistics.ports import PlatformNames
from gateway.statistics.questions import ReportDimension
from schema.programs import programs
from schema.regions import region_tree
from schema.vocabularies import VocabularyScheme, vocabulary

_SCHEMES = {
    ReportDimension.STAGE: VocabularyScheme.STAGE,
    ReportDimension.SUBJECT: VocabularyScheme.SUBJECT,
    ReportDimension.KIND: VocabularyScheme.KIND,
    ReportDimension.TEACHING_MODE: VocabularyScheme.TEACHING_MODE,
    ReportDimension.CLASSROOM_KIND: VocabularyScheme.CLASSROOM_KIND,
}
_NOBODY = {
    ReportDimension.PLATFORM: "联合项目",
    ReportDimension.PROGRAM: "不属于联合项目",
    ReportDimension.PROVINCE: "跨省",
    ReportDimension.CITY: "不分市",
    ReportDimension.DISTRICT: "不分区县",
}
_UNSTATED = "未注明"


def label_of(dimension: ReportDimension, key: str, platforms: PlatformNames) -> str:
    """The name of a key; of one that nobody knows any more, its code."""
    if key == UNKNOWN:
        return _NOBODY.get(dimension, _UNSTATED)
    if dimension is ReportDimension.PLATFORM:
        return platforms.label(key) or key
    if dimension is ReportDimension.PROGRAM:
        program = programs().get(key)
        return program.name if program else key
    if dimension in _SCHEMES:
        term = vocabulary(_SCHEMES[dimension]).get(key)
        return term.label if term else key
    region = region_tree().get(key)
    return region.name if region else key
