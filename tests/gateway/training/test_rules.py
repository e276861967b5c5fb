"""Rules are data: those that come with the product, those of operators, and those that awards rest on."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.errors import InvalidInput
from gateway.storage import Database
from gateway.training.credit.choosing import choose
from gateway.training.credit.rules import Rules, builtin_rules, load_rules, read_rules, synchronize_rules
from schema.credit import CapScope, CreditAccount, CreditRule
from schema.quality import Level
from schema.training import QuantityUnit, TrainingForm, TrainingKind
from tests.architecture.source import ROOT
from tests.gateway.training.rule import cap, claim, rule

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
KINDS = {
    TrainingKind.COURSE,
    TrainingKind.RESEARCH_ACTIVITY,
    TrainingKind.OBSERVATION,
    TrainingKind.OPEN_LESSON,
    TrainingKind.LECTURE,
    TrainingKind.WORKSHOP,
    TrainingKind.ROTATION,
    TrainingKind.RESOURCE_DEVELOPMENT,
    TrainingKind.REMOTE_SUPPORT,
}


async def loaded(database: Database) -> Rules:
    async with database.reading() as connection:
        return await connection.run_sync(load_rules)


def test_every_rule_says_where_it_comes_from() -> None:
    for one in builtin_rules():
        if one.sample:
            assert one.source.startswith("示例"), one.id
        else:
            assert one.source_url is not None or re.search(r"\w+\.(com|cn|gov)", one.source), one.id


def test_rules_of_chongqing_sichuan_and_shandong_are_samples_since_none_is_published() -> None:
    by_region = {
        region: [r for r in builtin_rules() if r.region == region] for region in ("500000", "510000", "370000")
    }
    for region, rules in by_region.items():
        assert all(one.sample for one in rules), region
        assert {one.kind for one in rules} >= KINDS, region
        assert {one.unit for one in rules} == set(QuantityUnit) - {QuantityUnit.CREDIT}, region
        assert {cap.scope for one in rules for cap in one.caps} == set(CapScope), region
        support = [one for one in rules if one.account is CreditAccount.REMOTE_SUPPORT]
        assert {one.kind for one in support} == {TrainingKind.REMOTE_SUPPORT}, region
        developing = [one for one in rules if one.kind is TrainingKind.RESOURCE_DEVELOPMENT]
        assert all(one.shares for one in developing), region
    assert [r.id for r in builtin_rules() if r.sample and r.region not in by_region] == []


def test_no_sample_is_among_the_rules_of_places_that_publish_theirs() -> None:
    real = [one for one in builtin_rules() if not one.sample]
    assert {one.region for one in real} == {"100000", "110000"}


@pytest.mark.parametrize(
    ("fields", "hours"),
    [
        ({"kind": TrainingKind.COURSE, "form": TrainingForm.ONSITE}, 10),
        ({"kind": TrainingKind.COURSE, "form": TrainingForm.ONLINE}, 20),
        ({"kind": TrainingKind.COURSE, "form": None, "level": Level.SCHOOL}, 20),
        ({"kind": TrainingKind.RESEARCH_ACTIVITY, "form": None}, 20),
    ],
)
def test_beijing_took_10_hours_of_training_or_20_of_other_study_for_a_credit(
    fields: dict[str, Any], hours: int
) -> None:
    of_credit = claim(unit=QuantityUnit.CREDIT, starts_on=date(2018, 5, 1), **fields)
    found = choose(builtin_rules(), of_credit, "110101", samples=True)
    assert found is not None
    assert (found.hours_per_unit, found.sample) == (Decimal(hours), False)
    later = claim(unit=QuantityUnit.CREDIT, starts_on=date(2021, 1, 1), **fields)
    assert choose(builtin_rules(), later, "110101", samples=True) is None


def test_national_online_courses_of_winter_2023_give_at_most_6_hours() -> None:
    winter = claim(level=Level.NATIONAL, starts_on=date(2024, 1, 10))
    found = choose(builtin_rules(), winter, "500103", samples=True)
    assert found is not None
    assert (found.code, found.caps) == ("nation-winter-2023-online-course", (cap(CapScope.RECORD, 6),))
    for other in ({"level": Level.DISTRICT}, {"form": TrainingForm.ONSITE}, {"starts_on": date(2024, 3, 1)}):
        fields: dict[str, Any] = {"level": Level.NATIONAL, "starts_on": date(2024, 1, 10), **other}
        assert choose(builtin_rules(), claim(**fields), "500103", samples=False) is None


async def test_rules_are_read_as_they_were_written(database: Database) -> None:
    await synchronize_rules(database, NOON, builtin_rules())
    assert (await loaded(database)).in_force == builtin_rules()


async def test_a_rule_that_is_not_named_any_more_serves_only_older_awards(database: Database) -> None:
    first, second = rule("a"), rule("b")
    await synchronize_rules(database, NOON, [first, second])
    await synchronize_rules(database, NOON + timedelta(days=1), [second])
    found = await loaded(database)
    assert found.in_force == (second,)
    assert found.by_id == {"a@1": first, "b@1": second}
    await synchronize_rules(database, NOON + timedelta(days=2), [first, second])
    assert (await loaded(database)).in_force == (first, second)


async def test_a_known_version_never_changes(database: Database) -> None:
    await synchronize_rules(database, NOON, [rule("a")])
    with pytest.raises(InvalidInput, match=r"a@1 is already known with another content.*version 2"):
        await synchronize_rules(database, NOON, [rule("a", hours_per_unit="2"), rule("b")])
    assert (await loaded(database)).by_id == {"a@1": rule("a")}
    await synchronize_rules(database, NOON, [rule("a", version=2, hours_per_unit="2")])
    assert [one.id for one in (await loaded(database)).in_force] == ["a@2"]


async def test_no_two_rules_have_one_id(database: Database) -> None:
    with pytest.raises(InvalidInput, match="a@1 is stated twice"):
        await synchronize_rules(database, NOON, [rule("a"), rule("a", hours_per_unit="3")])
    assert (await loaded(database)).by_id == {}


def test_rules_are_listed_by_region_and_day() -> None:
    rules = Rules.of(
        [rule("b"), rule("a", valid_to=date(2025, 12, 31)), rule("n", region="100000"), rule("s", region="510000")]
    )
    assert [one.code for one in rules.listed()] == ["a", "b", "n", "s"]
    assert [one.code for one in rules.listed("500103")] == ["a", "b", "n"]
    assert [one.code for one in rules.listed("500103", date(2026, 1, 1))] == ["b", "n"]
    with pytest.raises(InvalidInput, match="'渝中' is no known"):
        rules.listed("渝中")


def written(folder: Path, content: object) -> Path:
    path = folder / "rules.json"
    path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    return path


def stated(one: CreditRule, **changes: object) -> dict[str, Any]:
    return {**one.model_dump(mode="json", by_alias=True), **changes}


def test_an_operators_file_is_a_list_of_rules(tmp_path: Path) -> None:
    path = written(tmp_path, [stated(rule("b")), {k: v for k, v in stated(rule("a")).items() if v is not None}])
    assert read_rules(path) == (rule("a"), rule("b"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[{", "line 1, column 3: no JSON"),
        ({"code": "a"}, "rules.json: Input should be a valid array"),
        ([stated(rule()), stated(rule("b"), hoursPerUnit="-1")], "rule 2, hoursPerUnit: Input should be greater than"),
        ([stated(rule(), unit="DAY")], "rule 1, unit: Input should be"),
        ([stated(rule(), colour="red")], "rule 1, colour: Extra inputs"),
        ([stated(rule(), validTo="2019-01-01")], "rule 1: validTo is before validFrom"),
        ([stated(rule(), region="999999")], r"rule 1 \(course@1\): region '999999' is not"),
        ([stated(rule("a@b"))], "must be without @"),
        ([stated(rule(), caps=[{"scope": "YEAR", "hours": "1"}, {"scope": "YEAR", "hours": "2"}])], "two caps"),
        ([stated(rule(), shares=[{"role": "GUIDE", "weight": "1"}] * 2)], "two shares"),
        ([stated(rule()), stated(rule())], "course@1 is stated twice"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_rules(written(tmp_path, content))


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no-rules\.json: No such file"):
        read_rules(tmp_path / "no-rules.json")


def test_the_rules_in_the_guide_can_be_used(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "credit-rules.md").read_text("utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    rules = read_rules(written(tmp_path, example.encode()))
    assert [one.id for one in rules] == ["example-district-development@1", "example-district-research@1"]
    session = claim(kind=TrainingKind.RESEARCH_ACTIVITY, unit=QuantityUnit.SESSION)
    assert choose([*builtin_rules(), *rules], session, "500103", samples=True) == rules[1]


def test_the_guide_names_every_key_and_every_file_of_rules() -> None:
    guide = (ROOT / "docs" / "credit-rules.md").read_text("utf-8")
    keys = {
        name for cell in re.findall(r"^\| (`.+?) \|", guide, re.MULTILINE) for name in re.findall(r"`([^`]+)`", cell)
    }
    assert {str(each.alias) for each in CreditRule.model_fields.values()} <= keys
    assert {path.name for path in (ROOT / "schema" / "data" / "credit_rules").iterdir()} <= keys
    assert set(CapScope) <= keys
