"""xAPI statements of 渝中: every play of two weeks, the training of 2025, hours earned, and what was voided later."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from connectors.simulators.catalog import DAY, Stamp
from connectors.simulators.draw import Draw, digest
from connectors.simulators.people import YUZHONG_SCHOOLS
from connectors.simulators.simulation import CHINA
from connectors.simulators.training import TrainingFact, training_fact
from connectors.simulators.usage import LATE_AFTER, daily_usage
from connectors.simulators.yuzhong.records import SITE, YuzhongRecords

Statement = dict[str, Any]

CODE = "yuzhong"
TRAINING = 1_500
SCHOOL_DAY_VIEWS = 700
ORIGIN = "https://open.yzcloud.example"
"""Links name it, whatever host was asked, as they do behind a reverse proxy."""
PLAYS_FROM, PLAYS_DAYS = date(2025, 10, 18), 14
"""The players report to the store since this day, here for two weeks."""
TRAINING_FROM = date(2025, 1, 1)
HOME = "https://id.yzcloud.example"
EXTENSION = f"{ORIGIN}/xapi/ext"
LATE_EVERY, LATE_AT = 50, 7
KEPT_VIDEOS = 1_000
VERBS = {
    "experienced": "http://adlnet.gov/expapi/verbs/experienced",
    "played": "https://w3id.org/xapi/video/verbs/played",
    "attended": "http://adlnet.gov/expapi/verbs/attended",
    "completed": "http://adlnet.gov/expapi/verbs/completed",
    "authored": "http://activitystrea.ms/schema/1.0/author",
    "reviewed": "http://id.tincanapi.com/verb/reviewed",
    "earned": "http://id.tincanapi.com/verb/earned",
    "voided": "http://adlnet.gov/expapi/verbs/voided",
}
VIDEO = "https://w3id.org/xapi/video/activity-type/video"
EVENT = "http://activitystrea.ms/schema/1.0/event"
LEVELS = {"国家": "national", "市级": "city", "区级": "district", "集团": "group", "校本": "school"}
PROGRAMS = {
    "国家": "国培分类",
    "市级": "试点领航",
    "区级": "平台建设精准",
    "集团": "平台建设精准",
    "校本": "个性应用校本",
}
HOLIDAY_MONTHS, HOLIDAY_PROGRAM = (1, 2, 7, 8), "寒暑期全员"
KINDS = {"听课": "网络观课", "支教": "精准视导", "教研": "同步研课", "研修": "空中备课"}
LADDER = (("首席信息官", 1), ("种子教师", 3), ("骨干教师", 6), ("教师全员", 20))


@dataclass(frozen=True, slots=True)
class Entry:
    """A statement with the instant it was stored, epoch milliseconds."""

    stored: int
    statement: Statement

    @property
    def key(self) -> tuple[int, str]:
        """What entries are ordered by; no two are alike."""
        return self.stored, self.statement["id"]


def iso(instant: int) -> str:
    """Epoch milliseconds as `2025-10-20T02:03:04.123Z`."""
    return f"{datetime.fromtimestamp(instant // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{instant % 1000:03d}Z"


def statement(number: str, instant: int, stored: int, verb: str, actor: str, **parts: Any) -> Entry:
    """A statement made at `instant` and stored at `stored`; `parts` are object, result and context."""
    local = datetime.fromtimestamp(instant // 1000, UTC).astimezone(CHINA)
    made: Statement = {
        "id": str(UUID(hex=digest("yuzhong-xapi", number), version=4)),
        "actor": {"objectType": "Agent", "account": {"homePage": HOME, "name": actor}},
        "verb": {"id": VERBS[verb], "display": {"en-US": verb}},
        **parts,
        "timestamp": f"{local:%Y-%m-%dT%H:%M:%S}.{instant % 1000:03d}+08:00",
        "stored": iso(stored),
        "authority": {"objectType": "Agent", "account": {"homePage": ORIGIN, "name": "yz-lrs"}},
        "version": "1.0.3",
    }
    return Entry(stored, made)


def voiding(number: str, voided: str, stored: int) -> Entry:
    """The statement that voids another."""
    return statement(number, stored, stored, "voided", "yz-lrs", object={"objectType": "StatementRef", "id": voided})


@functools.cache
def seeded(seed: int, size: int) -> tuple[Entry, ...]:
    """Everything the store holds from the start, oldest first, for a catalog of `size` records."""
    entries = [*_trainings(seed)]
    if size:
        for number in range(PLAYS_DAYS):
            entries += _plays(seed, size, PLAYS_FROM + timedelta(days=number))
    return tuple(sorted(entries, key=lambda entry: entry.key))


def _plays(seed: int, size: int, day: date) -> Iterator[Entry]:
    """One `played` for each play of the daily figures, some `completed` and `experienced`, one play that is voided."""
    settled = day + LATE_AFTER
    (figures,) = daily_usage(seed, CODE, SCHOOL_DAY_VIEWS, day, day, settled)
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()) * 1000
    for n in range(figures.views + 1):
        name, draw = f"{seed}/play/{day}/{n}", Draw(seed, "yuzhong-play", day, n)
        instant = midnight + draw.between(7 * 3_600_000, 21 * 3_600_000)
        seconds, parts = draw.between(30, 2_400), _video(seed, size, draw.below(size))
        delay = draw.between(1, 5) * DAY if n % LATE_EVERY == LATE_AT else draw.between(1_000, 90_000)
        actor = f"v-{digest(seed, 'viewer', draw.below(2_000))[:12]}"
        duration = f"PT{seconds}S" if n % 10 == 0 else f"PT{seconds // 60}M{seconds % 60}S"
        made = statement(name, instant, instant + delay, "played", actor, **parts, result={"duration": duration})
        yield made
        if n == figures.views:
            yield voiding(f"{name}/void", made.statement["id"], made.stored + 3_600_000)
        elif n % 8 == 0:
            ended = instant + seconds * 1000
            result = {"completion": True, "duration": duration}
            yield statement(f"{name}/end", ended, ended + delay, "completed", actor, **parts, result=result)
        elif n % 10 == 5:
            yield statement(f"{name}/page", instant - 9_000, instant + delay - 8_000, "experienced", actor, **parts)


@functools.lru_cache(maxsize=KEPT_VIDEOS)
def _video(seed: int, size: int, ordinal: int) -> Statement:
    """Object and context of what is said of a record, with its stage and subject if it has one; not to be changed."""
    records = YuzhongRecords(seed, size)
    record, reference = records.render(ordinal, Stamp(0, 0)), records.reference(ordinal)
    told = {**reference, "stage": record["stage"], "subject": record["subject"]}
    return {
        "object": {
            "objectType": "Activity",
            "id": f"{SITE}/r/{reference['app']}/{reference['id']}",
            "definition": {"type": VIDEO},
        },
        "context": {
            "extensions": {f"{EXTENSION}/{name}": value for name, value in told.items() if isinstance(value, str)}
        },
    }


def _trainings(seed: int) -> Iterator[Entry]:
    """What /api/v2/training tells of activities since `TRAINING_FROM`, and the hours; a revoked award is voided."""
    since = int(datetime(TRAINING_FROM.year, TRAINING_FROM.month, TRAINING_FROM.day, tzinfo=CHINA).timestamp()) * 1000
    for n in range(TRAINING):
        fact = training_fact(seed, CODE, n, TRAINING, YUZHONG_SCHOOLS)
        if fact.starts < since:
            continue
        parts, name = _training_parts(seed, fact), f"{seed}/training/{n}"
        verb = {"资源研发": "authored", "评审": "reviewed"}.get(fact.kind, "attended")
        late = DAY * 2 if n % LATE_EVERY == LATE_AT else 60_000
        minutes = (fact.ends - fact.starts) // 60_000
        result = {"duration": f"PT{minutes // 60}H", "completion": True, "success": fact.passed}
        yield statement(name, fact.ends, fact.ends + late, verb, fact.teacher, **parts, result=result)
        if fact.unit != "学时" or fact.state not in ("认定", "撤销"):
            continue
        hours = {"extensions": {f"{EXTENSION}/hours": float(fact.quantity)}}
        award = max(fact.updated - DAY, fact.ends) if fact.state == "撤销" else fact.updated
        earned = statement(f"{name}/hours", award, award + 1_000, "earned", fact.teacher, **parts, result=hours)
        yield earned
        if fact.state == "撤销":
            yield voiding(f"{name}/void", earned.statement["id"], max(fact.updated, earned.stored + 1_000))


def _training_parts(seed: int, fact: TrainingFact) -> Statement:
    month = datetime.fromtimestamp(fact.starts // 1000, UTC).month
    holiday = month in HOLIDAY_MONTHS and fact.kind in ("培训", "研修")
    tier = Draw(seed, "yuzhong-tier", fact.teacher).weighted(LADDER)
    extensions = {
        "record": f"yz-{fact.number}",
        "kind": KINDS.get(fact.kind, fact.kind),
        "level": fact.level,
        "program": HOLIDAY_PROGRAM if holiday else PROGRAMS[fact.level],
        "tier": tier,
        "form": fact.form,
        "role": fact.role,
        "school": fact.school.name,
        "state": fact.state,
    }
    level = {
        "objectType": "Activity",
        "id": f"{ORIGIN}/xapi/levels/{LEVELS[fact.level]}",
        "definition": {"name": {"zh-CN": fact.level}},
    }
    return {
        "object": {
            "objectType": "Activity",
            "id": f"{ORIGIN}/xapi/activities/a{fact.activity_number}",
            "definition": {"type": EVENT, "name": {"zh-CN": fact.activity}},
        },
        "context": {
            "contextActivities": {"category": [level]},
            "extensions": {f"{EXTENSION}/{name}": value for name, value in extensions.items()},
        },
    }
