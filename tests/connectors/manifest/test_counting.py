"""Events counted into facts: conditions, different values, sums, days, caps."""

import base64
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from datasketches import hll_sketch
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import UpstreamFailure
from connectors.extraction import XPathLanguage, read_xml
from connectors.manifest.count_specs import CountSpec
from connectors.manifest.counting import EventCounter
from connectors.manifest.fields import Words
from connectors.manifest.mapping import SkippedRecords
from connectors.manifest.rules import FieldRule
from connectors.records import Rejected, Unmapped
from schema.stages import Stage

FIRST, LAST = date(2025, 3, 1), date(2025, 3, 3)
FIELDS = {
    "day": FieldRule.model_validate({"path": "day", "transform": "date"}),
    "stage": FieldRule(path="stage"),
}


def counter(counts: dict[str, dict[str, Any]], **more: Any) -> EventCounter:
    """A counter over three days."""
    specs = {code: CountSpec.model_validate(count) for code, count in counts.items()}
    return EventCounter(FIELDS, specs, more.pop("words", Words()), FIRST, LAST, **more)


def counted(counts: dict[str, dict[str, Any]], events: Sequence[Any]) -> dict[tuple[str, str, str | None], Decimal]:
    """What comes of these events, by measure, day and stage; none of them is refused."""
    counting = counter(counts)
    assert [counting.add(event) for event in events] == [None] * len(events)
    facts = [one.record for one in counting.facts()]
    return {(fact.measure, str(fact.day), fact.stage): fact.value for fact in facts}


def event(day: int = 1, **more: Any) -> dict[str, Any]:
    """Something that happened."""
    return {"day": f"2025-03-{day:02}", **more}


STAGES = st.sampled_from([None, "PRIMARY", "JUNIOR_SECONDARY"])
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.sampled_from(["2025-02-28", "2025-03-01", "2025-03-02", "2025-03-03", "2025-03-04"]),
            "stage": STAGES,
            "who": st.sampled_from([None, "", "甲", "乙", 1, "1", {"a": 1}, [1]]),
            "minutes": st.one_of(st.none(), st.integers(0, 10**9), st.decimals(0, 999, places=3).map(str)),
            "done": st.booleans(),
        }
    ),
    max_size=40,
)


@given(EVENTS)
def test_counting_is_what_plain_dictionaries_count(events: list[dict[str, Any]]) -> None:
    plays: dict[Any, int] = {}
    people: dict[Any, set[str]] = {}
    minutes: dict[Any, Decimal] = {}
    for one in events:
        if not "2025-03-01" <= one["day"] <= "2025-03-03":
            continue
        key = (one["day"], one["stage"])
        if one["done"]:
            plays[key] = plays.get(key, 0) + 1
        people.setdefault(key, set()).update([repr(one["who"])] if one["who"] not in (None, "") else [])
        minutes[key] = minutes.get(key, Decimal(0)) + Decimal(one["minutes"] or 0)
    # a number and the same number as text are one name
    distinct = {key: len({name.strip("'") for name in names}) for key, names in people.items()}
    counts = {"plays": {"when": "done"}, "active_users": {"distinct": "who"}, "watch_minutes": {"sum": "minutes"}}
    expected = {
        (code, *key): Decimal(value)
        for code, found in (("plays", plays), ("active_users", distinct), ("watch_minutes", minutes))
        for key, value in found.items()
    }
    assert counted(counts, events) == expected


def test_sums_are_exact() -> None:
    events = [event(n=0.1), event(n="0.2"), event(n=None), event(n="100000000000000000000.3")]
    assert counted({"watch_minutes": {"sum": "n"}}, events) == {
        ("watch_minutes", "2025-03-01", None): Decimal("100000000000000000000.6")
    }


@pytest.mark.parametrize("number", [-1, "viele", "NaN", "1e999", "-0.5", "1e-999", {}, True, "9" * 25])
def test_an_event_whose_number_cannot_be_added_is_refused_and_counts_nowhere(number: Any) -> None:
    counting = counter({"plays": {}, "watch_minutes": {"sum": "n"}})
    refused = counting.add(event(n=number))
    assert isinstance(refused, Rejected)
    assert [finding.code for finding in refused.findings] == ["watch_minutes.invalid"]
    assert list(counting.facts()) == []


def test_a_sum_that_outgrows_what_is_kept_is_a_failure_of_the_platform() -> None:
    counting = counter({"watch_minutes": {"sum": "n"}})
    assert [counting.add(event(n="9" * 24)) for _ in range(2)] == [None, None]
    with pytest.raises(UpstreamFailure, match="watch_minutes"):
        list(counting.facts())


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("text", "record.notAnObject"),
        (None, "record.notAnObject"),
        ({}, "day.missing"),
        ({"day": "gestern"}, "day.invalid"),
        ({"day": "2025-02-30"}, "day.invalid"),
    ],
)
def test_an_event_that_cannot_be_read_is_handed_back(bad: Any, code: str) -> None:
    counting = counter({"plays": {}})
    refused = counting.add(bad, ["hidden-secret"])
    assert isinstance(refused, Rejected)
    assert [finding.code for finding in refused.findings] == [code]
    assert list(counting.facts()) == []


def test_what_a_refused_event_holds_is_told_without_secrets() -> None:
    refused = counter({"plays": {}}).add({"day": "hidden-secret"}, ["hidden-secret"])
    assert refused is not None
    assert "hidden-secret" not in repr(refused)


def test_values_that_no_table_knows_stay_with_their_fact() -> None:
    counting = counter({"plays": {}})
    for stage in ("PRIMARY", "太空", "太空", "海底"):
        assert counting.add(event(stage=stage)) is None
    found = {one.record.stage: (one.record.value, one.unmapped) for one in counting.facts()}
    assert found == {
        Stage.PRIMARY: (Decimal(1), ()),
        None: (Decimal(3), (Unmapped("stage", "太空"), Unmapped("stage", "海底"))),
    }


def test_records_that_failures_skip_are_not_counted() -> None:
    counting = counter({"plays": {}}, skipped=SkippedRecords([("test", None)]))
    refused = counting.add(event(test=True))
    assert refused is not None
    assert refused.findings[0].code == "record.skipped"
    assert counting.add(event(test=False)) is None
    assert [one.record.value for one in counting.facts()] == [1]


def test_more_values_than_can_be_kept_end_the_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.manifest.counting.MOST_CELLS", 3)
    counting = counter({"active_users": {"distinct": "who"}})
    assert counting.add(event(who="甲")) is None
    assert counting.add(event(who="乙")) is None
    assert counting.add(event(who="甲")) is None
    with pytest.raises(UpstreamFailure, match="ask for fewer days"):
        counting.add(event(who="丙"))


def test_elements_are_counted_too() -> None:
    words = Words(XPathLanguage())
    counting = counter({"active_users": {"distinct": "who"}, "watch_minutes": {"sum": "n"}}, words=words)
    for who in ("<a>1</a>", "<a>1</a>", "<a>2</a>", "甲"):
        element = read_xml(f"<e><day>2025-03-01</day><who>{who}</who><n>1.5</n></e>".encode())
        assert counting.add(element) is None
    assert [one.record.value for one in counting.facts()] == [3, 6]


def test_a_distinct_value_nested_too_deeply_does_no_harm() -> None:
    nested: Any = []
    for _ in range(300):
        nested = [nested]
    assert counted({"active_users": {"distinct": "who"}}, [event(who=nested)]) == {
        ("active_users", "2025-03-01", None): 1
    }


def test_people_are_told_apart_by_the_fields_that_by_names_and_others_by_all() -> None:
    fields = FIELDS | {"region": FieldRule(path="where"), "revision": FieldRule(path="version")}
    specs = {
        "active_users": CountSpec(distinct="who", by=("region",)),
        "plays": CountSpec(),
        "comments": CountSpec(by=()),
    }
    counting = EventCounter(fields, specs, Words(), FIRST, LAST)
    for who, stage, where in (("甲", "PRIMARY", "500103"), ("甲", "太空", "500103"), ("乙", "太空", "500106")):
        assert counting.add(event(who=who, stage=stage, where=where, version=2)) is None
    found = [(one.record, one.unmapped) for one in counting.facts()]
    assert {fact.revision for fact, _ in found} == {2}
    strange = (Unmapped("stage", "太空"),)
    assert [(fact.measure, fact.stage, fact.region, int(fact.value), unmapped) for fact, unmapped in found] == [
        ("active_users", None, "500103", 1, ()),
        ("active_users", None, "500106", 1, ()),
        ("comments", None, None, 3, ()),
        ("plays", Stage.PRIMARY, "500103", 1, ()),
        ("plays", None, "500103", 1, strange),
        ("plays", None, "500106", 1, strange),
    ]


@given(EVENTS)
def test_a_sketch_is_of_exactly_the_values_that_are_counted(events: list[dict[str, Any]]) -> None:
    spec = CountSpec.model_validate({"distinct": "who", "sketch": {"secret": "key"}})
    counting = EventCounter(FIELDS, {"active_users": spec}, Words(), FIRST, LAST, keys={"active_users": b"k"})
    assert [counting.add(one) for one in events] == [None] * len(events)
    for one in counting.facts():
        image = base64.b64decode(one.record.sketch or "")
        assert hll_sketch.deserialize(image).get_estimate() == pytest.approx(float(one.record.value))


def test_a_count_without_sketch_or_without_its_key_has_none() -> None:
    for counts in (
        {"active_users": {"distinct": "who"}},
        {"active_users": {"distinct": "who", "sketch": {"secret": "k"}}},
    ):
        counting = counter(counts)
        assert counting.add(event(who="甲")) is None
        assert [one.record.sketch for one in counting.facts()] == [None]


def test_a_sketch_needs_different_values() -> None:
    with pytest.raises(ValueError, match="there is no distinct"):
        CountSpec.model_validate({"when": "a", "sketch": {"secret": "k"}})


def test_distinct_and_sum_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="distinct and sum exclude each other"):
        CountSpec.model_validate({"distinct": "a", "sum": "b"})
