"""行走的思政课 of 渝中: exactly 60 lessons and 22 cases, as the district publishes."""

from connectors.simulators.catalog import Native

LESSONS, CASES = 60, 22
WALKING = LESSONS + CASES
PLACES = (
    "红岩村",
    "曾家岩五十号周公馆",
    "桂园",
    "中共中央南方局旧址",
    "《新华日报》旧址",
    "重庆人民大礼堂",
    "湖广会馆",
    "通远门城墙",
    "解放碑",
    "大韩民国临时政府旧址陈列馆",
    "鲁祖庙传统风貌区",
    "白象街",
    "朝天门码头",
    "李子坝轻轨站",
    "十八梯",
)
THEMES = ("红岩精神", "抗战文化", "巴渝文化", "城市建设", "家国情怀")


def walking(ordinal: int) -> Native:
    """The fields of one of them; the first 60 are lessons, the rest are cases."""
    place, theme = PLACES[ordinal % len(PLACES)], THEMES[ordinal // len(PLACES) % len(THEMES)]
    case = ordinal >= LESSONS
    return {
        "title": f"行走的思政课{'案例' if case else ''}：{place}里的{theme}",
        "type": "case" if case else "lesson",
        "stage": ["primary", "junior", "senior"],
        "grade": None,
        "edition": None,
        "volume": None,
        "abstract": f"在{place}现场学习{theme}。",
        "subject": "思想政治" if case else "道德与法治",
        "tags": ["行走的思政课", place, theme],
        "labels": [
            {
                "name": "优秀案例" if case else "精品课",
                "level": "区级",
                "awarded_by": "重庆市渝中区教育委员会",
                "awarded_on": "2023-12-01",
            }
        ],
    }
