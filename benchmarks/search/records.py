"""Seeded records whose topics are spread like words of a language, and queries with few, many and very many hits."""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from gateway.catalog import ResourceFilter, SearchRequest
from schema.stages import Stage

_FIRST = "勾股圆周函数方程几何概率向量数列集合导数光合电磁力学氧化还原细胞遗传地形气候季风唐宋诗词古文阅读写作听说语法"
_SECOND = "定理图像性质应用证明计算探究实验观察比较分析综合复习鉴赏表达结构变化规律模型方法原理作用过程关系意义特征"
_PARTS = ("导学案", "微课", "公开课", "同步练习", "单元复习", "专题讲座", "课堂实录", "教学设计", "说课", "实验视频")
_SUBJECTS = (
    "mathematics",
    "chinese",
    "english",
    "physics",
    "chemistry",
    "biology",
    "geography",
    "history",
    "music",
    "art",
)
_STAGES = tuple(Stage)[:5]
_KINDS = ("LESSON", "MICRO_LESSON", "COURSEWARE", "EXERCISE", "LECTURE", "VIDEO", "COURSE", "LESSON_PLAN")
_REGIONS = ("500103", "500106", "500108", "500112", "370303", "370306", "510104", "110108", "310104", "440305")
_FAMILY, _GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"
PLATFORMS = ("chongqing", "zibo", "yuzhong", "national", "sichuan")
NOW = datetime(2026, 9, 1, tzinfo=UTC)
COMMON = tuple(
    a + b for a, b in itertools.product(("数学", "语文", "物理", "历史", "音乐"), ("课堂", "教学", "学习", "练习"))
)
COMMON_REACH = list(itertools.accumulate(1 / (place + 2) for place in range(len(COMMON))))
"""Twenty words that are in one record of three down to one of thirty."""


def topics() -> list[str]:
    """2,000 topics of four characters; the first are used most."""
    pairs = [a + b for a, b in itertools.pairwise(_FIRST)]
    ends = [a + b for a, b in itertools.pairwise(_SECOND)]
    made = [a + b for a, b in itertools.product(pairs, ends)]
    random.Random(7).shuffle(made)
    return list(dict.fromkeys(made))[:2_000]


def records(count: int) -> Iterator[tuple[str, str, str, bytes]]:
    """(platform, native id, tier, body) of so many records; topic n is used in proportion to 1 / (n + 10)."""
    chance = random.Random(2026)
    names = topics()
    reach = list(itertools.accumulate(1 / (place + 10) for place in range(len(names))))
    people = [a + b + c for a in _FAMILY for b in _GIVEN for c in _GIVEN]
    for number in range(count):
        topic, other = chance.choices(names, cum_weights=reach, k=2)
        body = _record(chance, number, topic, other, people)
        tier = chance.choices(("PUBLIC", "REGISTERED", "PROVINCE", "CITY", "SCHOOL"), (80, 8, 4, 5, 3))[0]
        yield PLATFORMS[number % len(PLATFORMS)], body["nativeId"], tier, orjson.dumps(body)


def _record(chance: random.Random, number: int, topic: str, other: str, people: list[str]) -> dict[str, Any]:
    subject = chance.choice(_SUBJECTS)
    common, another = chance.choices(COMMON, cum_weights=COMMON_REACH, k=2)
    sentences = (
        f"本节课围绕{topic}展开",
        f"结合{other}的例子",
        f"帮助学生理解{common}",
        "并完成课后练习与反思",
    )
    moment = NOW - timedelta(seconds=chance.randrange(8 * 365 * 86_400))
    return {
        "nativeId": f"R-{number:07}",
        "title": topic + chance.choice(("的", "与", "")) + other * (chance.random() < 0.3) + chance.choice(_PARTS),
        "kind": chance.choice(_KINDS),
        "summary": "，".join(sentences) + "。",
        "language": "zh",
        "stages": [chance.choice(_STAGES)],
        "subjects": [{"code": subject}],
        "keywords": [topic[:2], another],
        "region": chance.choice(_REGIONS),
        "provider": {"name": f"第{chance.randrange(400)}中学"},
        "contributors": [{"name": chance.choice(people), "role": "LECTURER"}],
        "publishedAt": moment.isoformat(),
        "useCount": int(chance.paretovariate(0.8)),
        "url": f"https://example.edu.cn/r/{number}",
        "durationSeconds": chance.randrange(300, 3_000),
    }


def requests(count: int) -> list[SearchRequest]:
    """Distinct requests: half ask for a rare topic, three in ten for a frequent one, two in ten for a common word."""
    chance = random.Random(11)
    names = topics()
    made: dict[tuple[str, ResourceFilter], SearchRequest] = {}
    while len(made) < count:
        level = chance.random()
        if level < 0.5:
            query = f"{names[chance.randrange(300, len(names))]} {chance.choice(_PARTS)}"
        elif level < 0.8:
            query = names[chance.randrange(300)]
        else:
            query = chance.choice(COMMON)
        wanted = ResourceFilter(
            regions=(chance.choice(("500000", "370000", "100000")),) if chance.random() < 0.4 else None,
            stages=(chance.choice(_STAGES),) if chance.random() < 0.3 else None,
            published_from=(NOW - timedelta(days=chance.randrange(3_000))).date() if chance.random() < 0.2 else None,
        )
        made[query, wanted] = SearchRequest(query=query, filter=wanted)
        if level >= 0.8 and len(made) > 0.95 * count and chance.random() < 0.01:
            break
    return list(made.values())
