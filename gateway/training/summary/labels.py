"""What keys of a summary are called for people."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from gateway.training.questions import SummaryDimension
from schema.programs import programs
from schema.quality import Level
from schema.regions import region_tree
from schema.training import TrainingForm, TrainingKind, TrainingRole

PlatformName = Callable[[str], str]
"""What a platform is called, by its code."""
_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        SummaryDimension.KIND: {
            TrainingKind.COURSE: "培训",
            TrainingKind.RESEARCH_ACTIVITY: "教研",
            TrainingKind.OBSERVATION: "听课",
            TrainingKind.OPEN_LESSON: "公开课",
            TrainingKind.LECTURE: "讲座",
            TrainingKind.ROTATION: "轮岗",
            TrainingKind.REMOTE_SUPPORT: "支教",
            TrainingKind.RESOURCE_DEVELOPMENT: "资源研发",
            TrainingKind.REVIEW: "评审",
            TrainingKind.WORKSHOP: "工作坊",
            TrainingKind.MEETING: "会议",
            TrainingKind.OTHER: "其他",
        },
        SummaryDimension.LEVEL: {
            Level.NATIONAL: "国家",
            Level.PROVINCIAL: "省",
            Level.CITY: "市",
            Level.DISTRICT: "区",
            Level.SCHOOL_GROUP: "集团",
            Level.SCHOOL: "校本",
        },
        SummaryDimension.ROLE: {
            TrainingRole.PARTICIPANT: "学员",
            TrainingRole.LECTURER: "主讲",
            TrainingRole.HOST: "主持",
            TrainingRole.ASSISTANT: "助教",
            TrainingRole.REVIEWER: "评委",
            TrainingRole.LEAD_DEVELOPER: "研发负责人",
            TrainingRole.DEVELOPER: "研发人员",
            TrainingRole.GUIDE: "指导",
            TrainingRole.OTHER: "其他",
        },
        SummaryDimension.FORM: {
            TrainingForm.ONLINE: "线上",
            TrainingForm.ONSITE: "线下",
            TrainingForm.BLENDED: "混合",
            TrainingForm.LIVE: "直播",
            TrainingForm.ON_DEMAND: "点播",
        },
    }
)
_NONE = {
    SummaryDimension.PLATFORM: "手工录入",
    SummaryDimension.PROGRAM: "不属于联合项目",
    SummaryDimension.PROVINCE: "跨省",
    SummaryDimension.CITY: "不分市",
    SummaryDimension.DISTRICT: "不分区县",
}
_UNSTATED = "未注明"


def label_of(dimension: SummaryDimension, key: str, platform_name: PlatformName) -> str:
    """The name of a key; of one that nobody knows any more, its code."""
    if not key:
        return _NONE.get(dimension, _UNSTATED)
    if dimension is SummaryDimension.PLATFORM:
        return platform_name(key)
    if dimension is SummaryDimension.PROGRAM:
        program = programs().get(key)
        return program.name if program else key
    if dimension in _WORDS:
        return _WORDS[dimension].get(key, key)
    region = region_tree().get(key)
    return region.name if region else key
