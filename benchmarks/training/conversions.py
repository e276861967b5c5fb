"""Conversions alone: rules are chosen and hours computed in memory, as a recomputation of many records would."""

import random
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from gateway.training.credit.awards import plan
from gateway.training.credit.caps import Tally
from gateway.training.credit.choosing import choose
from gateway.training.credit.claims import Claim
from gateway.training.credit.conversion import convert
from gateway.training.credit.rules import Rules, builtin_rules
from schema.quality import Level
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole

FIRST = date(2021, 1, 1)
DAYS = 5 * 365
MADE = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = [
    (TrainingKind.COURSE, QuantityUnit.HOUR),
    (TrainingKind.RESEARCH_ACTIVITY, QuantityUnit.SESSION),
    (TrainingKind.OBSERVATION, QuantityUnit.LESSON),
    (TrainingKind.LECTURE, QuantityUnit.HOUR),
    (TrainingKind.WORKSHOP, QuantityUnit.SESSION),
]


@dataclass(frozen=True, slots=True)
class Pace:
    """Operations and the seconds that they took."""

    count: int
    seconds: float

    def __str__(self) -> str:
        """Per second, and microseconds each."""
        return f"{self.count / self.seconds:>12,.0f} /s {self.seconds / self.count * 1e6:>10.1f} µs"


def claims(count: int, person: str = "p") -> list[Claim]:
    """Records of one teacher over five years, of every kind that the samples of 重庆 know, the same on every run."""
    chance = random.Random(2027)
    return [_claim(chance, f"{person}-{number:06d}", person) for number in range(count)]


def convert_alone(count: int) -> Pace:
    """Choose a rule among all built-in ones, and convert beside what came before."""
    rules, tally = builtin_rules(), Tally()
    made = claims(count)
    began = time.perf_counter()
    for claim in made:
        rule = choose(rules, claim, claim.region, samples=True)
        if rule is not None:
            convert(claim, rule, tally.got(rule.account, claim.kind, claim.starts_on))
    return Pace(count, time.perf_counter() - began)


def plan_people(people: int, records: int) -> Pace:
    """All lines of so many teachers with so many records each: activities, rules, caps and awards."""
    rules = Rules.of(builtin_rules())
    everybody = [claims(records, f"p{number}") for number in range(people)]
    began = time.perf_counter()
    for theirs in everybody:
        plan(theirs, {}, rules, {}, samples=True)
    return Pace(people * records, time.perf_counter() - began)


def _claim(chance: random.Random, name: str, person: str) -> Claim:
    kind, unit = chance.choice(KINDS)
    day = FIRST + timedelta(days=chance.randrange(DAYS))
    return Claim(
        id=name,
        account_id=person,
        person=person,
        platform=chance.choice(["chongqing", "yuzhong"]),
        region="500103",
        activity_key=f"k{chance.randrange(60)}",
        activity_id=None,
        kind=kind,
        level=chance.choice(list(Level)),
        form=chance.choice(list(TrainingForm)),
        role=TrainingRole.PARTICIPANT,
        starts_on=day,
        ends_on=day,
        quantity=Decimal(chance.randrange(1, 160)) / 10,
        unit=unit,
        outcome=Outcome.COMPLETED,
        program=None,
        resource=None,
        state=RecordState.RECOGNIZED,
        created_at=MADE,
    )
