"""Written code and rules make the same of records by manifests that nobody wrote: any rules, in any order."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import ManifestError
from connectors.manifest.compiled import CompiledMapper
from connectors.manifest.fields import Words, compile_field
from connectors.manifest.rules import FieldRule
from connectors.manifest.tables import TableSpec
from connectors.manifest.targets import Target, targets
from connectors.records import Accepted
from schema.records import Record
from schema.resources import ResourceRecord
from tests.connectors.manifest.compiled.outcomes import SECRET, SECRETS, SPOILED, mapper, told
from tests.connectors.manifest.compiled.test_equal_outcomes import EXAMPLES
from tests.connectors.manifest.manifests import FIELDS, manifest

NAMES = ("a", "b", "c", "d")
TABLES = {
    "many": {"onUnmapped": "report", "values": {"数学": "LECTURER", "x": "SELF"}},
    "few": {"onUnmapped": "drop", "values": {"x": ["SCHOOL"], "y": []}},
}
WORDS = Words(tables={name: TableSpec.model_validate(table) for name, table in TABLES.items()})
TRANSFORMS = (
    *("lowerCase", "integer", "date", "htmlToText", "languageMap", "json", "halfWidth", "plainText", "duration"),
    *("booleanText", "decimal", "epochSeconds", "isoDateTime"),
    *({"removePrefix": {"prefix": "x"}}, {"joinedBy": {"separator": "-"}}),
)
CONSTANTS = ("x", "数学", "PUBLIC", True, 1, ["a", "b"], "2024-01-01", "https://x.example/")
PATHS = st.one_of(
    st.sampled_from(NAMES),
    st.builds("{}.{}".format, st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.sampled_from(("a.b.c", "a || b", "[a, b][]", "d[0]", "d[].a", "c.a || c.b", "@")),
)
DEEPEST = 2


@st.composite
def objects(draw: st.DrawFn, target: Target, depth: int) -> Mapping[str, Any]:
    """The rule of a field that holds records, which may be about the record itself."""
    source: dict[str, Any] = draw(st.sampled_from(({}, {"path": draw(PATHS)}, {"each": draw(PATHS)})))
    done: dict[str, Any] = draw(
        st.sampled_from(({}, {}, {}, {"transform": "json"}, {"match": "(?P<name>[^-]*)-?(?P<a>.*)"}))
    )
    assert target.record is not None
    return {**source, **done, "fields": draw(sections(target.record, depth + 1))}


@st.composite
def values(draw: st.DrawFn, target: Target) -> Mapping[str, Any]:
    """The rule of a field that holds values."""
    rule: dict[str, Any] = draw(
        st.sampled_from(
            (
                *({"path": draw(PATHS)},) * 5,
                {"path": draw(PATHS), "alternatives": [draw(PATHS)]},
                {"template": "{a}/{b}"},
                {"template": "{a}"},
                {"where": {"list": "d", "key": "a", "equals": "x", "value": "b"}},
                {"constant": draw(st.sampled_from(CONSTANTS))},
                {"each": draw(PATHS)},
            )
        )
    )
    if "constant" in rule:
        return rule
    steps = draw(st.lists(st.sampled_from(TRANSFORMS), min_size=1, max_size=2))
    done: tuple[dict[str, Any], ...] = ({}, {}, {"split": "-"}, {"match": "(?P<value>[^-]*)$"})
    rule = {**rule, **draw(st.sampled_from((*done, {"transform": steps, "onInvalid": "drop"})))}
    looked_up = (target.scheme or target.words) and draw(st.booleans())
    return {**rule, "vocabulary": draw(st.sampled_from(tuple(TABLES)))} if looked_up else rule


@st.composite
def sections(draw: st.DrawFn, record: type[Record], depth: int = 0) -> Mapping[str, Any]:
    """Rules for what a record must have and some of what it may have."""
    known = targets(record)
    optional = [
        name for name, target in known.items() if not target.required and (depth < DEEPEST or not target.record)
    ]
    chosen = draw(st.lists(st.sampled_from(optional), max_size=7 - 2 * depth, unique=True)) if optional else []
    names = draw(st.permutations([*(name for name, target in known.items() if target.required), *chosen]))
    ready: Mapping[str, Any] = (
        {} if depth else {"nativeId": {"path": "id"}, "title": {"path": "id"}, "kind": {"constant": "LESSON"}}
    )
    return {
        name: ready[name]
        if name in ready
        else draw(objects(known[name], depth) if known[name].record else values(known[name]))
        for name in names
        if name in ready or known[name].record is None or depth < DEEPEST
    }


LEAVES = st.sampled_from(
    (
        *("x", "y", "x ", "数学", "x-y", "7", "2024-03-01", "SCHOOL", "LECTURER", "zh", "https://x.example/a", SECRET),
        *('{"a":"q","text":"w"}', "\x1cx", "SELF", "500103", "45分钟", "", 7, 1, 0, 1.0, True, None),
        *SPOILED,
    )
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.dictionaries(st.sampled_from(NAMES), inner), st.lists(inner, max_size=3)),
    max_leaves=6,
)
RECORDS = st.fixed_dictionaries({"id": st.just("一")}, optional=dict.fromkeys(NAMES, VALUES))


def usable(section: Mapping[str, Any]) -> dict[str, FieldRule]:
    """The rules that a manifest may have; others are refused before anything is mapped."""
    found = {}
    for name, written in section.items():
        try:
            rule = FieldRule.model_validate(written)
            compile_field(rule, targets(ResourceRecord)[name], WORDS, name)
        except (ValueError, ManifestError):
            continue
        found[name] = rule
    return found


@settings(max_examples=2 * EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    sections(ResourceRecord).map(usable),
    st.lists(RECORDS, min_size=1, max_size=4),
    st.sampled_from([(), (SECRET,), SECRETS]),
)
def test_of_any_rules(rules: Mapping[str, FieldRule], records: list[Any], secrets: tuple[str, ...]) -> None:
    found: CompiledMapper[Any] = CompiledMapper(ResourceRecord, rules, WORDS)
    for raw in (*records, *records):
        assert told(found.map(raw, secrets)) == told(found.rules.map(raw, secrets))


@pytest.mark.parametrize(
    "rule",
    [
        "provider: {fields: {name: {constant: 某校}}}",
        "provider: {path: school, fields: {name: {constant: 某校}}}",
        "contributors: {each: people, fields: {role: {constant: LECTURER}}}",
        "contributors: {each: people, fields: {name: n, organization: {fields: {name: {constant: 某校}}}}}",
    ],
)
def test_of_objects_of_constants_alone(rule: str) -> None:
    found = mapper(manifest(fields=f"{FIELDS}    {rule}\n"))
    for raw in ({"id": 1, "title": "题", "school": {"a": 1}, "people": [{"n": "王"}, {}]}, {"id": 2, "title": "题"}):
        assert told(found.map(raw)) == told(found.rules.map(raw))


def test_of_what_follows_a_list_about_the_record_itself() -> None:
    more = '    contributors: {fields: {name: who}}\n    keywords: "[a, b][]"\n    summary: {template: "{a}-{b}"}\n'
    outcome = mapper(manifest(fields=FIELDS + more)).map({"id": 1, "title": "题", "who": "王", "a": "x", "b": "y"})
    assert isinstance(outcome, Accepted)
    assert (outcome.record.keywords, outcome.record.summary) == (("x", "y"), "x-y")
