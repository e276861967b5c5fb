"""Reports of one activity by several platforms: which belong together, which is credited, and why."""

import itertools
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.training.credit import activities as module
from gateway.training.credit.activities import activities, activity_key, judged
from gateway.training.credit.claims import Claim
from schema.training import Outcome, QuantityUnit, RecordState, TrainingKind, TrainingRole
from tests.gateway.training.rule import claim
from tests.gateway.training.stored import KEYS

DAY = date(2026, 3, 2)


def report(name: str, platform: str, day: date = DAY, last: date | None = None, **fields: Any) -> Claim:
    said = {"activity_key": "k", "platform": platform, "starts_on": day, "ends_on": last or day, **fields}
    return claim(name, **said)


def always(_: Claim) -> bool:
    return True


def even(one: Claim) -> bool:
    return int(one.id) % 2 == 0


def groups(*claims: Claim) -> list[str]:
    return [" ".join(one.id for one in found.reports) for found in activities(claims, always)]


def days(count: int) -> date:
    return DAY + timedelta(days=count)


def test_the_same_name_kind_and_day_on_two_platforms_is_one_activity() -> None:
    assert groups(report("a", "chongqing"), report("b", "yuzhong")) == ["a b"]
    assert groups(report("a", "chongqing"), report("b", "")) == ["a b"]


def test_other_names_and_kinds_are_other_activities() -> None:
    assert groups(report("a", "chongqing"), report("b", "yuzhong", activity_key="other")) == ["a", "b"]
    assert groups(report("a", "chongqing"), report("b", "yuzhong", kind=TrainingKind.LECTURE)) == ["a", "b"]


def test_days_overlap_or_touch() -> None:
    course = report("a", "chongqing", DAY, days(4))
    assert groups(course, report("b", "yuzhong", days(4), days(9))) == ["a b"]
    assert groups(course, report("b", "yuzhong", days(5), days(9))) == ["a b"]
    assert groups(course, report("b", "yuzhong", days(6), days(9))) == ["a", "b"]
    assert groups(course, report("b", "yuzhong", days(1), days(2))) == ["a b"]


def test_a_report_without_a_last_day_may_tell_the_day_of_the_award() -> None:
    course = report("a", "chongqing", DAY, days(4))
    assert groups(course, report("b", "yuzhong", days(4 + 31), ends_on=None)) == ["a b"]
    assert groups(course, report("b", "yuzhong", days(4 + 32), ends_on=None)) == ["a", "b"]
    assert groups(course, report("b", "yuzhong", days(-31), ends_on=None)) == ["a b"]


def test_two_sessions_of_one_platform_are_never_one_activity() -> None:
    weekly = [report(f"a{week}", "chongqing", days(7 * week)) for week in range(4)]
    assert groups(*weekly) == ["a0", "a1", "a2", "a3"]


def test_the_same_that_was_entered_by_hand_twice_is_one_activity() -> None:
    entered = report("a", "")
    assert groups(entered, report("b", "", quantity=Decimal("8.00"), ends_on=None)) == ["a b"]
    others: list[dict[str, Any]] = [
        {"activity_key": "other"},
        {"kind": TrainingKind.LECTURE},
        {"role": TrainingRole.HOST},
        {"starts_on": days(1)},
        {"quantity": Decimal(7)},
        {"unit": QuantityUnit.SESSION},
    ]
    for other in others:
        assert groups(entered, report("b", "", **other)) == ["a", "b"]
    assert groups(entered, report("b", ""), report("c", "chongqing")) == ["a b c"]
    assert [found.credited for found in activities([entered, report("b", "")], always)] == [entered]


def test_equal_roles_are_matched_before_nearer_days() -> None:
    ours = report("a", "chongqing", days(1), role=TrainingRole.LECTURER)
    theirs = [
        report("b", "yuzhong", role=TrainingRole.LECTURER),
        report("c", "yuzhong", days(1), role=TrainingRole.HOST),
    ]
    assert groups(ours, *theirs) == ["a b", "c"]
    assert groups(ours, theirs[1]) == ["a c"], "platforms name roles differently"


def test_reports_are_compared_only_with_those_that_begin_soon_after(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    pair = module._pair

    def counted(one: Claim, other: Claim) -> Any:
        compared.append(one.id)
        return pair(one, other)

    monkeypatch.setattr(module, "_pair", counted)
    found = groups(
        *(report(f"{platform}{month:03d}", platform, days(33 * month)) for month in range(300) for platform in "ab")
    )
    assert found == [f"a{month:03d} b{month:03d}" for month in range(300)]
    assert len(compared) == 300


def test_weekly_sessions_are_matched_one_to_one_with_the_nearest() -> None:
    ours = [report(f"a{week}", "chongqing", days(7 * week)) for week in range(4)]
    theirs = [report(f"b{week}", "yuzhong", days(7 * week), ends_on=None) for week in range(4)]
    assert groups(*ours, *theirs) == ["a0 b0", "a1 b1", "a2 b2", "a3 b3"]
    assert groups(*ours, theirs[2]) == ["a0", "a1", "a2 b2", "a3"]
    assert groups(*ours[1:3], *theirs) == ["a1 b1", "a2 b2", "b0", "b3"]


def test_three_platforms_chain_with_at_most_one_report_of_each() -> None:
    chained = [
        report("a", "chongqing", DAY, days(2)),
        report("b", "yuzhong", days(3), days(5)),
        report("c", "sichuan", days(6), days(7)),
        report("d", "chongqing", days(6), days(7)),
    ]
    assert groups(*chained) == ["a", "b c d"], "c and d are the nearest, and b is nearer to them than to a"
    assert groups(*chained[:3]) == ["a b c"]


def test_one_platform_calls_a_report_that_it_gives_twice_by_one_activity() -> None:
    twice = [report(name, "chongqing", activity_id="ACT-1", activity_key=name) for name in ("a", "b")]
    assert groups(*twice) == ["a b"]
    assert groups(*twice, report("c", "yuzhong", activity_key="a")) == ["a b c"]
    assert groups(twice[0], report("b", "chongqing", days(1), activity_id="ACT-1")) == ["a", "b"]
    assert groups(twice[0], report("b", "chongqing", activity_id="ACT-1", role=TrainingRole.HOST)) == ["a", "b"]


@pytest.mark.parametrize(
    "gone", [{"state": RecordState.REVOKED}, {"state": RecordState.REJECTED}, {"withdrawn": True}, {"erased": True}]
)
def test_what_is_gone_reports_nothing(gone: dict[str, Any]) -> None:
    assert groups(report("a", "chongqing"), report("b", "yuzhong", **gone)) == ["a"]


@pytest.mark.parametrize(
    ("better", "worse", "why"),
    [
        ({}, {"state": RecordState.REVIEWED}, "以已认定的一份计入，其余尚未认定，不重复计入"),
        ({}, {"outcome": Outcome.IN_PROGRESS}, "以已完成并符合计入条件的一份计入，其余不重复计入"),
        ({}, {"ends_on": None}, "以写明结束日期的一份计入，其余不重复计入"),
        ({"program": "p"}, {}, "以写明联合项目的一份计入，其余不重复计入"),
        ({"starts_on": days(-1)}, {}, "以开始日期较早的一份计入，其余不重复计入"),
    ],
)
def test_one_is_credited_for_a_stated_reason(better: dict[str, Any], worse: dict[str, Any], why: str) -> None:
    one = report("z", "chongqing", **{"ends_on": DAY, **better})
    (found,) = activities([report("a", "yuzhong", **worse), one], always)
    assert found.credited is not None
    assert (found.credited.id, found.reason) == ("z", f"同一活动有 2 份报告：{why}")


def test_a_report_that_some_rule_converts_is_credited_before_one_that_none_does() -> None:
    waiting = report("c", "zibo", state=RecordState.REVIEWED)
    ours, theirs = report("b", "chongqing", ends_on=None), report("a", "sichuan", program="p")
    (found,) = activities([waiting, theirs, ours], lambda one: one.id != "a")
    assert found.credited == ours
    assert found.reason == "同一活动有 3 份报告：以有适用规则、可换算学时的一份计入，其余没有适用规则，不重复计入"
    (found,) = activities([theirs, report("b", "chongqing", state=RecordState.REVIEWED)], lambda one: one.id != "a")
    assert found.credited == theirs, "what is not recognized earns nothing, whatever rules say"


@pytest.mark.parametrize("answer", [True, False])
def test_where_all_or_none_earn_what_they_say_decides(answer: bool) -> None:
    (found,) = activities([report("b", "chongqing"), report("a", "sichuan", ends_on=None)], lambda _: answer)
    assert found.credited is not None
    assert (found.credited.id, found.reason) == ("b", "同一活动有 2 份报告：以写明结束日期的一份计入，其余不重复计入")


def test_which_reports_belong_together_does_not_depend_on_what_they_earn() -> None:
    twice = [report(name, "chongqing", activity_id="ACT-1", activity_key=name) for name in ("a", "b")]
    claims = [*twice, report("c", "yuzhong", activity_key="a"), report("d", "yuzhong", activity_key="b")]
    for earning in ("", "a", "b", "abcd"):
        found = activities(claims, lambda one, earning=earning: one.id in earning)  # type: ignore[misc]
        assert [[one.id for one in each.reports] for each in found] == [["a", "b", "c"], ["d"]]


def test_what_the_ledger_has_is_told_until_it_is_brought_up_to_date() -> None:
    together = (report("a", "sichuan", program="p"), report("b", "chongqing"))
    assert judged(together, always).credited == together[0]
    found = judged(together, always, {"b"})
    assert found.credited == together[1]
    assert found.reason == "同一活动有 2 份报告：以先前按当时规则计入的一份为准，规则变更后尚未重新核算，其余不重复计入"


def test_of_equal_reports_the_first_by_id_is_credited() -> None:
    (found,) = activities([report("b", "chongqing"), report("a", "yuzhong")], always)
    assert found.credited is not None
    assert (found.credited.id, found.reason) == (
        "a",
        "同一活动有 2 份报告：各份报告相当，按编号先后取一份计入，其余不重复计入",
    )


def test_none_is_credited_while_none_is_recognized() -> None:
    waiting: dict[str, Any] = {"state": RecordState.REPORTED}
    (found,) = activities([report("a", "chongqing", **waiting), report("b", "yuzhong", **waiting)], always)
    assert (found.credited, found.reason) == (None, "同一活动有 2 份报告：尚无一份通过认定，均未计入")


def test_the_order_of_reports_makes_no_difference() -> None:
    chance = random.Random(3)  # noqa: S311  # repeatable
    for _ in range(200):
        claims = [
            report(
                f"{number}",
                chance.choice(["chongqing", "yuzhong", "sichuan", ""]),
                days(chance.randrange(20)),
                ends_on=chance.choice([None, days(20)]),
                activity_key=chance.choice("kl"),
                activity_id=chance.choice([None, "ACT-1"]),
                state=chance.choice(list(RecordState)),
            )
            for number in range(6)
        ]
        expected = activities(claims, even)
        for some in itertools.islice(itertools.permutations(claims), 0, 720, 97):
            assert activities(some, even) == expected
        for found in expected:
            sessions = {(one.platform, one.platform and one.activity_id, one.starts_on) for one in found.reports}
            assert len(sessions) == len({one.platform for one in found.reports})


def test_titles_are_equal_however_they_are_punctuated() -> None:
    assert activity_key(KEYS, "新课标培训（第一期）") == activity_key(KEYS, " 新课标 培训(第一期) ")
    assert activity_key(KEYS, "新课标培训（第一期）") != activity_key(KEYS, "新课标培训（第二期）")
    assert activity_key(KEYS, "！！") != activity_key(KEYS, "？？")
