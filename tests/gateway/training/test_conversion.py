"""A record becomes hours exactly, within every cap, in whole steps, with an explanation that has the numbers."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.training.credit.claims import Claim
from gateway.training.credit.conversion import Conversion, Share, convert
from gateway.training.credit.cycles import cycle_of
from gateway.training.credit.explaining import explain
from schema.credit import CapScope, CreditAccount, CreditRule, RoundingMode
from schema.training import Outcome, QuantityUnit, TrainingKind, TrainingRole
from tests.gateway.training.rule import cap, claim, rounding, rule, shares

NOTHING: dict[CapScope, Decimal] = {}


def converted(
    one: Claim, by: CreditRule, got: dict[CapScope, Decimal], share: Share | None = None
) -> tuple[Conversion, tuple[str, ...]]:
    """A conversion that gives something, and its explanation."""
    made = convert(one, by, got, share)
    assert made is not None
    return made, explain(one, by, got, share, made)


def test_hours_are_quantity_times_hours_per_unit() -> None:
    made, why = converted(
        claim(quantity=Decimal("2.5"), unit=QuantityUnit.LESSON), rule(unit="LESSON", hours_per_unit="0.8"), {}
    )
    assert (made.hours, made.uncapped_hours, made.caps_hit) == (Decimal(2), Decimal(2), ())
    assert why == ("2.5 节 × 0.8 = 2 学时（规则 course 第1版）",)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.IN_PROGRESS])
def test_what_failed_or_goes_on_earns_nothing(outcome: Outcome) -> None:
    assert convert(claim(outcome=outcome), rule(), NOTHING) is None


@pytest.mark.parametrize("outcome", [None, Outcome.ATTENDED, Outcome.PASSED, Outcome.COMPLETED])
def test_what_was_done_or_says_nothing_of_it_earns(outcome: Outcome | None) -> None:
    made = convert(claim(outcome=outcome), rule(), NOTHING)
    assert made is not None
    assert made.hours == 8


def test_nothing_counts_where_the_quantity_or_the_rate_is_nothing() -> None:
    assert convert(claim(quantity=Decimal()), rule(), NOTHING) is None
    assert convert(claim(), rule(hours_per_unit="0"), NOTHING) is None


def test_a_cap_leaves_what_earlier_records_did_not_take() -> None:
    made, why = converted(claim(), rule(sample=True, caps=[cap(CapScope.YEAR, 72)]), {CapScope.YEAR: Decimal(70)})
    assert (made.hours, made.uncapped_hours, made.caps_hit) == (Decimal(2), Decimal(8), (cap(CapScope.YEAR, 72),))
    assert why == ("8 学时 × 1 = 8 学时（规则 course 第1版，示例）", "年度上限 72，已得 70，本次计 2")


def test_a_full_cap_gives_an_award_of_no_hours_with_its_explanation() -> None:
    made, why = converted(claim(), rule(caps=[cap(CapScope.CYCLE, 360)]), {CapScope.CYCLE: Decimal(400)})
    assert (made.hours, made.uncapped_hours) == (Decimal(0), Decimal(8))
    assert why[1] == "五年周期上限 360，已得 400，本次计 0"


def test_only_the_lowest_room_cut_it() -> None:
    caps = [cap(CapScope.RECORD, 6), cap(CapScope.KIND_PER_YEAR, 10), cap(CapScope.YEAR, 20)]
    got = {CapScope.KIND_PER_YEAR: Decimal(5), CapScope.YEAR: Decimal(16)}
    made = convert(claim(), rule(caps=caps), got)
    assert made is not None
    assert (made.hours, made.caps_hit) == (Decimal(4), (caps[2],))


def test_a_cap_of_exactly_what_is_earned_cuts_nothing() -> None:
    made = convert(claim(), rule(caps=[cap(CapScope.RECORD, 8)]), NOTHING)
    assert made is not None
    assert (made.hours, made.caps_hit) == (Decimal(8), ())


@pytest.mark.parametrize(
    ("mode", "quantity", "hours"),
    [
        (RoundingMode.DOWN, "1.99", "1.5"),
        (RoundingMode.UP, "1.51", "2"),
        (RoundingMode.HALF_UP, "1.75", "2"),
        (RoundingMode.HALF_UP, "1.74", "1.5"),
        (RoundingMode.HALF_EVEN, "1.75", "2"),
        (RoundingMode.HALF_EVEN, "1.25", "1"),
        (RoundingMode.UP, "1.5", "1.5"),
    ],
)
def test_hours_are_rounded_to_whole_steps(mode: RoundingMode, quantity: str, hours: str) -> None:
    made = convert(claim(quantity=Decimal(quantity)), rule(rounding=rounding("0.5", mode)), NOTHING)
    assert made is not None
    assert (made.hours, made.uncapped_hours) == (Decimal(hours), Decimal(quantity))


def test_rounding_never_exceeds_a_cap() -> None:
    caps, step = [cap(CapScope.YEAR, "9.75")], rounding("0.5", RoundingMode.HALF_UP)
    made, why = converted(claim(), rule(caps=caps, rounding=step), {CapScope.YEAR: Decimal(8)})
    assert (made.hours, made.caps_hit) == (Decimal("1.5"), tuple(caps))
    assert why[1:] == ("年度上限 9.75，已得 8，本次计 1.75", "按 0.5 向下取整，计 1.5 学时")


def test_developers_share_a_resource_by_weight() -> None:
    made, why = converted(
        claim(
            kind=TrainingKind.RESOURCE_DEVELOPMENT, role=TrainingRole.LEAD_DEVELOPER, quantity=Decimal(1), unit="ITEM"
        ),
        rule(unit="ITEM", hours_per_unit="20", shares=shares(LEAD_DEVELOPER=3, DEVELOPER=1)),
        NOTHING,
        Share(Decimal(3), Decimal(5), 3),
    )
    assert made.hours == 12
    assert why == ("1 件 × 20 × 份额 3/5（研发负责人，共 3 人） = 12 学时（规则 course 第1版）",)


def test_a_share_that_has_no_end_is_kept_to_six_places_and_said_to_be_about() -> None:
    development = claim(kind=TrainingKind.RESOURCE_DEVELOPMENT, quantity=Decimal(1))
    step = rounding("0.1", RoundingMode.DOWN)
    made, why = converted(
        development, rule(hours_per_unit="20", rounding=step), NOTHING, Share(Decimal(1), Decimal(3), 3)
    )
    assert (made.hours, made.uncapped_hours) == (Decimal("6.6"), Decimal("6.666667"))
    assert "≈ 6.666667 学时" in why[0]


def test_a_resource_without_a_share_earns_nothing() -> None:
    development = claim(kind=TrainingKind.RESOURCE_DEVELOPMENT)
    assert convert(development, rule(), NOTHING) is None
    assert convert(development, rule(), NOTHING, Share(Decimal(), Decimal(), 0)) is None
    assert convert(development, rule(), NOTHING, Share(Decimal(), Decimal(2), 2)) is None


def test_remote_support_is_said_to_stand_beside_hours() -> None:
    _, why = converted(claim(), rule(account=CreditAccount.REMOTE_SUPPORT), NOTHING)
    assert why[-1] == "记入支教账户，不并入继续教育学时"


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [("2021-01-01", 2021, 2025), ("2025-12-31", 2021, 2025), ("2026-01-01", 2026, 2030), ("2030-06-01", 2026, 2030)],
)
def test_cycles_are_five_calendar_years_that_end_in_0_or_5(day: str, first: int, last: int) -> None:
    assert cycle_of(date.fromisoformat(day)) == (date(first, 1, 1), date(last, 12, 31))


amounts = st.decimals(min_value=0, max_value=1_000, places=6)


@given(
    quantity=amounts,
    rate=st.decimals(min_value=0, max_value=10, places=3),
    step=st.sampled_from(["0.01", "0.1", "0.5", "1", "0.3"]),
    mode=st.sampled_from(RoundingMode),
    caps=st.dictionaries(st.sampled_from(CapScope), amounts, max_size=4),
    got=st.dictionaries(st.sampled_from([CapScope.KIND_PER_YEAR, CapScope.YEAR, CapScope.CYCLE]), amounts),
)
def test_hours_are_whole_steps_within_every_cap_and_near_what_is_exact(
    quantity: Decimal,
    rate: Decimal,
    step: str,
    mode: RoundingMode,
    caps: dict[CapScope, Decimal],
    got: dict[CapScope, Decimal],
) -> None:
    stated = [cap(scope, str(hours)) for scope, hours in caps.items()]
    by = rule(hours_per_unit=str(rate), rounding=rounding(step, mode), caps=stated)
    made = convert(claim(quantity=quantity), by, got)
    exact = Fraction(quantity) * Fraction(rate)
    if exact == 0:
        assert made is None
        return
    assert made is not None
    hours = Fraction(made.hours)
    assert hours >= 0
    assert (hours / Fraction(step)).denominator == 1
    rooms = [max(Fraction(hours) - Fraction(got.get(scope, 0)), Fraction()) for scope, hours in caps.items()]
    assert all(hours <= room for room in rooms)
    assert abs(hours - min([exact, *rooms])) < Fraction(step)
    assert abs(Fraction(made.uncapped_hours) - exact) <= Fraction(1, 2_000_000)
    assert bool(made.caps_hit) or all(room >= exact for room in rooms)
