"""What the ledger lacks of one teacher, as a function of records, rules and what is in force."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.training.credit.activities import reports
from gateway.training.credit.awards import Award, Plan, plan
from gateway.training.credit.caps import Tally
from gateway.training.credit.claims import Claim
from gateway.training.credit.rules import Rules
from schema.credit import CapScope, CreditAccount, CreditRule, RoundingMode
from schema.quality import Level
from schema.training import RecordState, TrainingKind
from tests.gateway.training.rule import cap, claim, rounding, rule

claims = st.builds(
    lambda number, day, minute, **fields: claim(
        f"r{number:03d}",
        starts_on=date(2025, 12, 1) + timedelta(days=day),
        ends_on=None,
        created_at=datetime(2026, 4, 1, 0, minute, tzinfo=UTC),
        **fields,
    ),
    number=st.integers(0, 999),
    day=st.integers(0, 60),
    minute=st.integers(0, 3),
    activity_key=st.sampled_from("klmn"),
    platform=st.sampled_from(["chongqing", "yuzhong", ""]),
    kind=st.sampled_from([TrainingKind.COURSE, TrainingKind.LECTURE, TrainingKind.REMOTE_SUPPORT]),
    level=st.sampled_from([Level.CITY, Level.DISTRICT]),
    quantity=st.decimals(min_value=0, max_value=30, places=2),
    state=st.sampled_from([RecordState.RECOGNIZED, RecordState.RECOGNIZED, RecordState.REVIEWED]),
)
people = st.lists(claims, max_size=12, unique_by=lambda one: one.id)
scoped = st.dictionaries(st.sampled_from(CapScope), st.integers(0, 40), max_size=3)


def rules_of(caps: list[dict[CapScope, int]]) -> Rules:
    stated = [[cap(scope, hours) for scope, hours in each.items()] for each in caps]
    step = rounding("0.5", RoundingMode.HALF_UP)
    support = {"kind": "REMOTE_SUPPORT", "account": "REMOTE_SUPPORT"}
    made = [
        rule("any", caps=stated[0], rounding=step),
        rule("course", kind="COURSE", caps=stated[1], hours_per_unit="2"),
    ]
    return Rules.of([*made, rule("support", caps=stated[2], **support)])


def planned(some: list[Claim], in_force: dict[str, Award], rules: Rules) -> Plan:
    return plan(some, in_force, rules, {}, samples=True)


@given(people, st.lists(scoped, min_size=3, max_size=3), st.randoms(use_true_random=False))
def test_caps_hold_at_every_step_and_the_order_of_reading_makes_no_difference(
    some: list[Claim], caps: list[dict[CapScope, int]], chance: random.Random
) -> None:
    rules = rules_of(caps)
    made = planned(some, {}, rules)
    tally = Tally()
    by_id = {one.id: one for one in some}
    assert [by_id[award.record_id].order for award in made.awards] == sorted(
        by_id[award.record_id].order for award in made.awards
    )
    for award in made.awards:
        tally.add(award.account, award.kind, award.activity_on, award.hours)
        got = {**tally.got(award.account, award.kind, award.activity_on), CapScope.RECORD: award.hours}
        if award.hours:
            assert all(got[each.scope] <= each.hours for each in rules.by_id[award.rule_id].caps)
    shuffled = some.copy()
    chance.shuffle(shuffled)
    assert planned(shuffled, {}, rules) == made


@given(people, people, st.lists(scoped, min_size=3, max_size=3))
def test_what_was_planned_is_complete_whatever_was_in_force_before(
    before: list[Claim], after: list[Claim], caps: list[dict[CapScope, int]]
) -> None:
    rules = rules_of(caps)
    kept = {one.id for one in after}
    in_force = {award.record_id: award for award in planned(before, {}, rules).awards if award.record_id in kept}
    made = planned(after, in_force, rules)
    for award, _ in made.reversals:
        del in_force[award.record_id]
    assert not {award.record_id for award in made.awards} & in_force.keys(), "nothing has two awards"
    in_force.update((award.record_id, award) for award in made.awards)
    assert planned(after, in_force, rules) == Plan()
    assert {record: award.matter for record, award in in_force.items()} == {
        award.record_id: award.matter for award in planned(after, {}, rules).awards
    }


@given(people, st.lists(scoped, min_size=3, max_size=3), st.sets(st.integers(0, 2)))
def test_of_an_activity_one_report_is_awarded_where_any_would_be_alone(
    some: list[Claim], caps: list[dict[CapScope, int]], gone: set[int]
) -> None:
    rules = Rules.of(one for place, one in enumerate(rules_of(caps).in_force) if place not in gone)
    awarded = {award.record_id for award in planned(some, {}, rules).awards}
    alone = {one.id for one in some if planned([one], {}, rules).awards}
    for together in reports(some):
        names = {one.id for one in together}
        assert len(names & awarded) == bool(names & alone)
        assert awarded & names <= alone


@given(people, st.lists(scoped, min_size=3, max_size=3), st.sets(st.integers(0, 2)))
def test_rules_that_go_take_no_award_and_what_follows_is_complete(
    some: list[Claim], caps: list[dict[CapScope, int]], gone: set[int]
) -> None:
    before = rules_of(caps)
    left = [one for place, one in enumerate(before.in_force) if place not in gone]
    after = Rules.of(left, [one for one in before.in_force if one not in left])
    in_force = {award.record_id: award for award in planned(some, {}, before).awards}
    assert planned(some, in_force, after) == Plan()
    changed = [replace(one, quantity=one.quantity + 1) if one.id in in_force else one for one in some[:6]] + some[6:]
    made = planned(changed, in_force, after)
    for award, _ in made.reversals:
        del in_force[award.record_id]
    in_force.update((award.record_id, award) for award in made.awards)
    assert planned(changed, in_force, after) == Plan()


def standing(one: Claim, by: CreditRule, **changes: Any) -> Award:
    said = {"account": CreditAccount.CONTINUING_EDUCATION, "hours": Decimal(8), "uncapped_hours": Decimal(8)}
    whose = {"account_id": one.account_id, "record_id": one.id, "rule_id": by.id, "inputs": one.inputs}
    when = {"caps_hit": (), "kind": one.kind, "activity_on": one.starts_on, "id": "e1"}
    return Award(**{**said, **whose, **when, **changes})


def test_other_words_for_the_same_award_write_nothing() -> None:
    one = claim()
    before = standing(one, rule(), explanation=("以前的说法",))
    assert planned([one], {one.id: before}, Rules.of([rule()])) == Plan()


def test_the_award_of_an_erased_record_stays_and_fills_its_cap() -> None:
    gone, one = claim("r1", erased=True), claim("r2", starts_on=date(2026, 5, 1))
    capped = rule(caps=[cap(CapScope.YEAR, 10)])
    made = planned([gone, one], {"r1": standing(gone, capped)}, Rules.of([capped]))
    assert made.reversals == ()
    assert [(award.record_id, award.hours) for award in made.awards] == [("r2", Decimal(2))]


def test_inputs_are_all_that_a_conversion_reads_and_no_more() -> None:
    one = claim()
    same = [claim(quantity=Decimal("8.000")), claim("r2"), claim(program="p"), claim(activity_key="k")]
    assert {each.inputs for each in same} == {one.inputs}
    others = [
        claim(quantity=Decimal("8.01")),
        claim(region="500238"),
        claim(starts_on=date(2026, 3, 2)),
        claim(level=None),
        claim(resource=("chongqing", "CQ-1")),
    ]
    assert len({each.inputs for each in (one, *others)}) == 6
