"""The rule that converts a record: real before sample, near before far, more criteria before fewer."""

from datetime import date
from typing import Any

from gateway.training.credit.choosing import choose
from schema.credit import CreditAccount, CreditRule
from schema.quality import Level
from schema.training import QuantityUnit, TrainingForm, TrainingKind, TrainingRole
from tests.gateway.training.rule import claim, rule


def chosen(*rules: CreditRule, region: str | None = "500103", samples: bool = True, **fields: Any) -> str | None:
    found = choose(rules, claim(**fields), region, samples=samples)
    return None if found is None else found.code


def test_a_rule_serves_its_region_and_all_inside_it() -> None:
    assert chosen(rule("city", region="500000")) == "city"
    assert chosen(rule("nation", region="100000")) == "nation"
    assert chosen(rule("other", region="510000")) is None
    assert chosen(rule("district", region="500103"), region="500000") is None


def test_a_record_of_no_or_an_unknown_region_is_under_no_rule() -> None:
    assert chosen(rule("nation", region="100000"), region=None) is None
    assert chosen(rule("nation", region="100000"), region="999999") is None


def test_the_nearest_region_goes_first_even_where_it_says_less() -> None:
    far = rule("far", region="500000", kind=TrainingKind.COURSE, role=TrainingRole.PARTICIPANT)
    assert chosen(far, rule("near", region="500103"), rule("nation", region="100000")) == "near"


def test_more_criteria_go_before_fewer() -> None:
    one = rule("one", kind=TrainingKind.COURSE)
    two = rule("two", kind=TrainingKind.COURSE, level=Level.DISTRICT)
    assert chosen(one, two, rule("none")) == "two"


def test_of_equals_the_later_then_the_higher_version_then_the_code_goes_first() -> None:
    early, late = rule("b", valid_from=date(2021, 1, 1)), rule("c", valid_from=date(2022, 1, 1))
    assert chosen(early, late) == "c"
    found = choose([rule(version=1), rule(version=3), rule(version=2)], claim(), "500103", samples=True)
    assert found is not None
    assert found.version == 3
    assert chosen(rule("b"), rule("a")) == "a"


def test_the_first_day_of_the_activity_lies_within_the_validity() -> None:
    spring = rule("spring", valid_from=date(2026, 3, 1), valid_to=date(2026, 5, 31))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1)]
    assert [chosen(spring, starts_on=day) for day in days] == [None, "spring", "spring", None]


def test_every_criterion_and_the_unit_must_fit() -> None:
    assert chosen(rule(unit=QuantityUnit.SESSION)) is None
    for field, value in (
        ("kind", TrainingKind.LECTURE),
        ("role", TrainingRole.LECTURER),
        ("level", Level.CITY),
        ("form", TrainingForm.ONSITE),
    ):
        assert chosen(rule(**{field: value})) is None
    assert chosen(rule(form=TrainingForm.ONLINE), form=None) is None
    assert chosen(rule(level=Level.CITY), level=None) is None


def test_samples_are_used_only_where_they_are_wanted() -> None:
    assert chosen(rule("sample", sample=True)) == "sample"
    assert chosen(rule("sample", sample=True), samples=False) is None


def test_a_sample_gives_way_to_any_real_rule_of_its_region_or_a_nearer_one() -> None:
    sample = rule("sample", sample=True)
    lectures = {"kind": TrainingKind.LECTURE}
    assert chosen(sample, rule("real", **lectures)) is None
    assert chosen(sample, rule("real", region="500103", **lectures)) is None
    assert chosen(sample, rule("real", region="100000", **lectures)) == "sample"
    assert chosen(sample, rule("real", region="500238", **lectures)) == "sample"


def test_a_real_rule_that_is_not_valid_or_of_another_account_displaces_no_sample() -> None:
    sample = rule("sample", sample=True)
    assert chosen(sample, rule("old", valid_to=date(2025, 12, 31))) == "sample"
    support = rule("real", account=CreditAccount.REMOTE_SUPPORT, kind=TrainingKind.REMOTE_SUPPORT)
    assert chosen(sample, support) == "sample"


def test_a_real_rule_that_fits_goes_before_a_nearer_sample() -> None:
    assert chosen(rule("sample", sample=True, region="500103"), rule("real", region="100000")) == "real"


def test_only_rules_of_an_account_are_chosen_where_one_is_asked_for() -> None:
    rules = [rule("hours"), rule("support", account=CreditAccount.REMOTE_SUPPORT)]
    found = choose(rules, claim(), "500103", samples=True, account=CreditAccount.REMOTE_SUPPORT)
    assert found is not None
    assert found.code == "support"
