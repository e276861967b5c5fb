"""Written code and rules make the same of every record, whatever was remembered of those before it."""

import os
from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.manifest.compiled import CompiledMapper, Sight, Sighted
from connectors.manifest.compiled.repeated import RepeatedRecords
from connectors.manifest.compiled.sightings import ReadOutline
from connectors.records import Accepted, Rejected
from connectors.samples import sample_manifests
from connectors.samples.hostile import RECORDS, Hostile
from schema.resources import ResourceRecord
from tests.connectors.manifest.compiled.outcomes import CASES, SECRET, SECRETS, case, mapper, spoiled, told
from tests.connectors.manifest.manifests import manifest

EVERYTHING = {
    "id": 7,
    "title": "勾股 定理",
    "sub": {"type": "课例", "word": "第一类", "deep": {"er": "册", "n": 3}},
    "labels": ["小学", "初中"],
    "packed": "小学-数学-人教版",
    "tags": [{"dim": "xk", "name": "数学"}, {"dim": "cc", "name": "上册"}, {"dim": "xk", "name": "语文"}],
    "texts": ["一", "二", "一"],
    "names": "王老师、李老师",
    "card": "张老师(谢家湾学校)",
    "made": "2024-03-01 08:00:00",
    "changed": "2024-03-02T08:00:00+08:00",
    "from": 1700000000,
    "to": "1700000900",
    "minutes": "45分钟",
    "plays": "1,234",
    "intro": "<p>课 &amp; 件</p>",
    "titles": {"en": "Pythagoras", "fr": "Pythagore"},
    "tier": "全市公开",
    "school": {"name": "谢家湾学校", "kind": "SCHOOL", "place": {"code": "500107"}},
    "people": [{"n": "王老师", "r": "主讲", "s": "谢家湾学校"}, {"n": "李老师", "r": "别的", "s": None}],
    "scores": [
        {"by": "SELF", "what": "成果", "score": "4.5", "on": "2024-06-20"},
        {"by": "SELF", "what": "过程", "score": 4},
    ],
    "accepted": [{"school": {"name": "内江市第六中学"}, "state": "RECOGNIZED", "until": "2025/08/31"}],
    "order": {"id": 31, "state": "FULFILLED", "who": "石马镇中心学校"},
    "files": [{"u": "/f/1.mp4", "n": "一.mp4", "b": 17}, {"u": "/f/2.pdf", "n": "二.pdf", "b": "18"}],
    "links": [{"k": "课前", "id": 9}, {"k": "课后", "id": "10"}],
    "where": "重庆市渝中区",
    "sharing": {"copy": "DISTRICT", "to": 1756569600000},
}
RULES = """\
    nativeId: {template: "x:{id}"}
    title: {path: title, alternatives: [sub.word]}
    kind: {path: sub.type, alternatives: ["'LESSON'"], vocabulary: kinds}
    url: {template: "https://x.example/{id}?q={title}"}
    summary: {path: intro, transform: htmlToText}
    translations: {path: titles, transform: languageMap, fields: {language: language, title: text}}
    language: {constant: zh-CN}
    stages: labels
    grades: {path: packed, split: "-"}
    subjects: {where: {list: tags, key: dim, equals: xk, value: name}}
    edition: {path: packed, match: '-(?P<value>[^-]*)$'}
    volume: sub.deep.er
    schoolYear: sub.deep.n
    keywords: "[texts, [sub.word]][]"
    teachingModes: {path: sub.word, vocabulary: modes}
    delivery: {constant: [WEB, CABLE_TV]}
    region: {path: where, transform: {removePrefix: {prefix: 重庆市}}, vocabulary: places}
    audienceRegions: "[school.place.code]"
    provider: {path: school, fields: {name: name, kind: kind, region: place.code}}
    contributors:
      each: people
      fields: {name: n, role: {path: r, vocabulary: roles}, organization: {fields: {name: s, kind: {constant: SCHOOL}}}}
    publishedAt: {path: made, transform: localDateTime}
    updatedAt: changed
    startsAt: {path: from, transform: epochSeconds, onInvalid: drop}
    endsAt: {path: to, transform: epochSeconds}
    durationSeconds: {path: minutes, transform: duration, onInvalid: drop}
    files:
      each: files
      fields:
        url: {path: u, transform: {absoluteUrl: {base: "https://x.example"}}}
        mediaType: {path: n, match: '\\.(?P<value>[a-z0-9]{1,8})$', transform: upperCase}
        sizeBytes: b
        requiresLogin: {constant: true}
    thumbnailUrl: "join('', ['https://x.example', files[0].u])"
    access: {path: tier, vocabulary: tiers}
    license: sub.word
    copyrightHolder: {path: names, split: "、", transform: {joinedBy: {separator: " 和 "}}}
    sharing: {path: sharing, fields: {copy: copy, validTo: {path: to, transform: [epochMilliseconds, date]}}}
    evaluations: {each: scores, fields: {evaluator: by, dimension: what, score: score, evaluatedOn: on}}
    awards: {path: card, match: '(?P<name>.*)[(](?P<by>.*)[)]', fields: {name: name, awardedBy: by}}
    recognitions:
      each: accepted
      fields:
        organization: {path: school, fields: {name: name}}
        state: state
        validTo: {path: until, transform: date}
    demand: {path: order, fields: {nativeId: id, state: state, requester: {fields: {name: who}}}}
    related: {each: links, fields: {relation: {path: k, vocabulary: relations}, nativeId: id}}
    useCount: {path: plays, transform: integer}
"""
TABLES = """\
vocabularies:
  kinds: {onUnmapped: quarantine, values: {课例: LESSON}}
  modes: {onUnmapped: drop, values: {第一类: [LIVE, DUAL_TEACHER]}}
  places: {values: {渝中区: "500103"}}
  roles: {values: {主讲: LECTURER}}
  tiers: {values: {全市公开: CITY}}
  relations: {values: {课前: BEFORE_CLASS, 课后: AFTER_CLASS}}
"""


@cache
def of_everything() -> CompiledMapper[Any]:
    """The written code of a manifest with every kind of rule."""
    return mapper(manifest(top=TABLES, harvest="  deleted: sub.gone\n", fields=RULES))


EXAMPLES = int(os.environ.get("MAPPING_EXAMPLES", "40"))
MANY = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)


class Rules:
    """In the place of the rules of a mapper: counts what it leaves to them."""

    def __init__(self, rules: Any) -> None:
        self._rules, self.asked = rules, 0

    def map(self, raw: Any, secrets: Sequence[str] = ()) -> Any:
        self.asked += 1
        return self._rules.map(raw, secrets)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rules, name)


def assert_equal(found: CompiledMapper[Any], records: Sequence[Any], secrets: tuple[str, ...]) -> None:
    """Also where the same record comes again, and where it comes in between of others."""
    found.map({"nothing": "of before"}, (f"{records!r}"[:100] + "other secrets, so that all is forgotten",))
    repeated = RepeatedRecords(found)
    sight = sight_of(found) if found._record is ResourceRecord else None
    for raw in (*records, *records):
        due = found.rules.map(raw, secrets)
        assert told(found.map(raw, secrets)) == told(due)
        assert told(repeated.map(raw, secrets)) == told(due)
        if sight is not None:
            assert_seen_as_mapped(sight.see(raw, secrets), due)


@cache
def sight_of(found: CompiledMapper[Any]) -> Sight:
    """The sight of a search that maps like this."""
    return Sight(found, found._fields, found._words)


def assert_seen_as_mapped(seen: Any, due: Any) -> None:
    """At first sight a record says what the whole of it says; what is no valid record is none when it is read."""
    if not isinstance(seen, Sighted):
        assert told(seen) == told(due)
        return
    whole = seen.read()
    assert whole is seen.read()
    if isinstance(due, Accepted):
        assert told(whole) == told(due)
        for name in ReadOutline.model_fields:
            assert getattr(seen.outline, name) == getattr(due.record, name)
    else:
        assert whole is None


@pytest.mark.parametrize(("code", "name"), CASES)
def test_of_what_platforms_send(code: str, name: str) -> None:
    here = case(code, name)
    assert len(here.records) >= 10
    assert_equal(here.mapper, here.records, SECRETS)
    assert_equal(here.mapper, here.records, (SECRET,))


@pytest.mark.parametrize(("code", "name"), CASES)
def test_of_records_with_values_that_are_not_due(code: str, name: str) -> None:
    here = case(code, name)

    @MANY
    @given(st.lists(spoiled(lambda: here.records), min_size=1, max_size=4), st.sampled_from([(), (SECRET,), SECRETS]))
    def check(records: list[Any], secrets: tuple[str, ...]) -> None:
        assert_equal(here.mapper, records, secrets)

    check()


@MANY
@given(st.lists(spoiled(lambda: [EVERYTHING]), min_size=1, max_size=4), st.sampled_from([(), (SECRET,), SECRETS]))
def test_of_every_kind_of_rule(records: list[Any], secrets: tuple[str, ...]) -> None:
    assert_equal(of_everything(), records, secrets)


PEOPLE = st.fixed_dictionaries(
    {
        "n": st.sampled_from(["王老师", " 王老师", "李老师", "7", 7, 7.0, True, 1, None, "", "长" * 101]),
        "r": st.sampled_from(["主讲", " 主讲", "别的", "另外的", None]),
        "s": st.sampled_from(["谢家湾学校", "谢家湾学校 ", None, "", 7]),
    }
)
"""Few enough that the same ones come again, in the same record and in others, written alike and otherwise."""


@MANY
@given(st.lists(st.lists(PEOPLE, max_size=5), min_size=2, max_size=6))
def test_of_people_that_come_again(each: list[list[dict[str, Any]]]) -> None:
    schools = [{"name": people[0]["s"]} if people else {} for people in each]
    records = [{**EVERYTHING, "people": people, "school": at} for people, at in zip(each, schools, strict=True)]
    assert_equal(of_everything(), records, ())


def test_what_no_table_knows_is_noted_again_where_somebody_comes_again() -> None:
    first, second = ({"n": name, "r": "别的", "s": None} for name in ("王老师", "李老师"))
    records = [{**EVERYTHING, "people": people} for people in ([first, second], [second], [first])]
    assert_equal(of_everything(), records, ())
    of_everything().map({"nothing": "of before"}, ("other secrets, so that all is forgotten",))
    for raw in records:
        outcome = of_everything().map(raw)
        assert isinstance(outcome, Accepted)
        assert [one.value for one in outcome.unmapped if one.field == "contributors.role"] == ["别的"]


@pytest.mark.parametrize("behavior", RECORDS)
def test_of_what_hostile_platforms_send(behavior: str) -> None:
    [text] = [path.read_text("utf-8") for path in sample_manifests() if path.name == "hostile.yaml"]
    hostile = Hostile(behavior, scale=2_000)
    hostile.token = SECRET
    records = []
    for written in RECORDS[behavior](hostile):
        try:
            records.append(orjson.loads(written))
        except orjson.JSONDecodeError:  # too deep to be read at all
            continue
    assert_equal(mapper(text), records, (SECRET,))


@pytest.mark.parametrize(("code", "name"), CASES)
def test_at_first_sight_nearly_all_that_platforms_send_is_left_unread(code: str, name: str) -> None:
    here = case(code, name)
    if here.mapper._record is not ResourceRecord:
        return
    sight = sight_of(here.mapper)
    outcomes = [here.mapper.map(raw) for raw in here.records]
    unread = [isinstance(sight.see(raw, ()), Sighted) for raw in here.records]
    assert all(one for one, outcome in zip(unread, outcomes, strict=True) if isinstance(outcome, Accepted))


@pytest.mark.parametrize(("code", "name"), CASES)
def test_the_rules_are_left_what_they_refuse_and_nothing_else(code: str, name: str) -> None:
    here = case(code, name)
    rules = here.mapper.rules
    here.mapper.rules = counting = Rules(rules)  # type: ignore[assignment]
    try:
        outcomes = [here.mapper.map(raw, (SECRET,)) for raw in here.records]
    finally:
        here.mapper.rules = rules
    assert counting.asked == sum(isinstance(outcome, Rejected) for outcome in outcomes)
    assert sum(isinstance(outcome, Accepted) for outcome in outcomes) >= 10


def test_a_record_with_every_kind_of_rule_is_mapped_by_written_code() -> None:
    found = of_everything()
    rules = found.rules
    found.rules = counting = Rules(rules)  # type: ignore[assignment]
    try:
        outcome = found.map(EVERYTHING, (SECRET,))
    finally:
        found.rules = rules
    assert isinstance(outcome, Accepted), outcome
    assert counting.asked == 0
    assert len(outcome.record.model_fields_set) == 34
