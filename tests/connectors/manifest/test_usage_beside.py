"""What stands beside a number of usage: sketches and weights, each of its own measure, mapped, refused and checked."""

import base64
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from datasketches import update_theta_sketch

from connectors.conformance import check_manifest, check_sample
from connectors.conformance.coverage import coverage
from connectors.context import ConnectorContext
from connectors.errors import ManifestError
from connectors.manifest import read_manifest
from connectors.records import HarvestPage, UsageRequest
from connectors.sketches import people_sketch
from connectors.transport import in_process
from schema.findings import Finding, Severity
from schema.usage import UsageFact
from tests.connectors.manifest.manifests import manifest
from tests.connectors.protocols.platform import Scripted, connector, json

DAY = date(2025, 3, 1)
ROWS = """\
usage:
  protocol: rest
  request: {path: /usage}
  fields: {day: day}
  measures:
    views: pv
    active_teachers: teachers
    active_students: students
    live_attendance_avg: average
    completion_rate: finished
  sketches:
    active_teachers: people.teachers
    active_students: {path: people.students, alternatives: [students_sketch]}
  weights:
    live_attendance_avg: {path: lessons, transform: integer}
"""
EVENTS = """\
usage:
  protocol: rest
  request: {path: /events}
  fields: {day: day, subject: subject}
  counts:
    plays: {}
    active_users: {distinct: who, by: [], sketch: {secret: peopleKey}}
"""
TEACHERS = base64.b64encode(people_sketch(["甲", "乙"], b"k")).decode()
THETA = base64.b64encode(update_theta_sketch().compact().serialize()).decode()


async def usage(text: str, *rows: Any, **secrets: str) -> HarvestPage[UsageFact]:
    """What comes of these rows."""
    platform = Scripted(lambda request, body, number: json(list(rows)))
    context = ConnectorContext("example", in_process(platform.app), secrets)
    pages = [page async for page in connector(manifest() + text).usage(context, UsageRequest(DAY, DAY))]
    return HarvestPage(
        tuple(one for page in pages for one in page.accepted), tuple(one for page in pages for one in page.rejected)
    )


def beside(page: HarvestPage[UsageFact]) -> dict[str, tuple[str | None, Decimal | None]]:
    """Sketch and weight by measure."""
    return {one.record.measure: (one.record.sketch, one.record.weight) for one in page.accepted}


def findings(text: str) -> list[Finding]:
    """What refuses a manifest."""
    return [one for one in check_manifest(manifest() + text).findings if one.severity is Severity.ERROR]


# rows


async def test_a_sketch_and_a_weight_belong_to_the_measure_they_are_written_for() -> None:
    row = {"day": "2025-03-01", "pv": 9, "teachers": 2, "students": 0, "average": 12.5, "finished": 80}
    page = await usage(ROWS, row | {"people": {"teachers": TEACHERS, "students": THETA}, "lessons": "4"})
    assert beside(page) == {
        "views": (None, None),
        "active_teachers": (TEACHERS, None),
        "active_students": (THETA, None),
        "live_attendance_avg": (None, Decimal(4)),
        "completion_rate": (None, None),
    }
    assert page.rejected == ()


async def test_a_row_may_leave_out_what_stands_beside_a_number_and_the_number_itself() -> None:
    page = await usage(
        ROWS,
        {"day": "2025-03-01", "teachers": 2, "average": 1},
        {"day": "2025-03-01", "pv": 1, "people": {"teachers": TEACHERS}, "lessons": 3},
    )
    assert beside(page) == {
        "active_teachers": (None, None),
        "live_attendance_avg": (None, None),
        "views": (None, None),
    }
    assert page.rejected == ()


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"people": {"teachers": "no base64!"}}, "sketch.invalid", "sketch must be"),
        ({"people": {"teachers": "QUJD"}}, "sketch.invalid", "neither the family of compact theta sketches"),
        ({"people": {"teachers": TEACHERS[:-4]}}, "sketch.invalid", "another number of coupons"),
        ({"people": {"teachers": "A" * 100_004}}, "sketch.tooLong", "at most 100000 characters"),
        ({"people": {"teachers": 7}}, "sketch.invalid", "sketch must be"),
        ({"lessons": "viele"}, "weight.invalid", "weight: "),
        ({"lessons": -1}, "weight.invalid", "weight must be a number of at least 0"),
    ],
)
async def test_only_the_fact_whose_sketch_or_weight_is_wrong_is_refused(
    changes: dict[str, Any], code: str, said: str
) -> None:
    row = {"day": "2025-03-01", "pv": 9, "teachers": 2, "average": 12.5, **changes}
    page = await usage(ROWS, row)
    [refused] = page.rejected
    assert [finding.code for finding in refused.findings] == [code]
    assert said in refused.findings[0].message
    assert len(page.accepted) == 2
    assert refused.findings[0].found is not None
    assert len(refused.findings[0].found) <= 210


# the manifest


def word_at(finding: Finding, text: str) -> str:
    """The key at the line and column of a finding, or the one before a value there."""
    line = (manifest() + text).splitlines()[(finding.line or 0) - 1]
    assert line[(finding.column or 0) - 1] != " "
    return line.partition(":")[0].strip()


@pytest.mark.parametrize(
    ("measure", "code", "suggestion"),
    [
        ("active_teacher", "manifest.unknownMeasure", "active_teachers"),
        ("downloads", "manifest.unknownMeasure", None),
        ("views", "manifest.invalidValue", None),
        ("completion_rate", "manifest.invalidValue", None),
    ],
)
def test_a_sketch_of_what_is_no_measure_of_people_is_refused_in_its_place(
    measure: str, code: str, suggestion: str | None
) -> None:
    text = ROWS.replace("active_teachers: people", f"{measure}: people")
    [finding] = findings(text)
    assert (finding.code, finding.suggestion, word_at(finding, text)) == (code, suggestion, measure)
    assert (finding.pointer, finding.found) == (f"/usage/sketches/{measure}", measure)
    assert finding.expected == "one of active_teachers, active_students"


@pytest.mark.parametrize(
    ("measure", "code", "suggestion"),
    [
        ("live_attendence_avg", "manifest.unknownMeasure", "live_attendance_avg"),
        ("active_teachers", "manifest.invalidValue", None),
        ("views", "manifest.invalidValue", None),
    ],
)
def test_a_weight_of_what_is_no_average_is_refused_in_its_place(
    measure: str, code: str, suggestion: str | None
) -> None:
    text = ROWS.replace("    live_attendance_avg: {path: lessons", f"    {measure}: {{path: lessons")
    [finding] = findings(text)
    assert (finding.code, finding.pointer, finding.suggestion) == (code, f"/usage/weights/{measure}", suggestion)
    assert word_at(finding, text) == measure
    assert finding.expected == "one of live_attendance_avg, completion_rate"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("sketch", "sketch belongs to one measure: write its rule under sketches, by the code of the measure"),
        ("weight", "weight belongs to one measure: write its rule under weights, by the code of the measure"),
        ("value", "value is what the rules under measures find"),
        ("measure", "measure is the key under measures or counts"),
    ],
)
@pytest.mark.parametrize("measures", ["{active_teachers: a, views: b}", "{active_teachers: a}"])
def test_what_belongs_to_a_measure_stands_under_no_fields_however_many_measures_there_are(
    field: str, said: str, measures: str
) -> None:
    text = f"usage: {{protocol: rest, request: {{path: /u}}, fields: {{day: day, {field}: x}}, measures: {measures}}}\n"
    [finding] = findings(text)
    assert (finding.code, finding.pointer, finding.message) == ("manifest.unknownField", f"/usage/fields/{field}", said)


def test_paths_of_sketches_and_weights_are_checked_like_others() -> None:
    text = ROWS.replace("people.teachers", "people[").replace("path: lessons", 'path: "lessons["')
    assert [(one.code, one.pointer) for one in findings(text)] == [
        ("manifest.path", "/usage/sketches/active_teachers/path"),
        ("manifest.path", "/usage/weights/live_attendance_avg/path"),
    ]


@pytest.mark.parametrize(
    ("more", "pointer", "said"),
    [
        ("  sketches: {active_users: x}\n", "/usage/sketches", "of events, counts.<measure>.sketch makes one"),
        ("  weights: {completion_rate: x}\n", "/usage/weights", "counts make no averages"),
    ],
)
def test_events_have_neither_of_the_two(more: str, pointer: str, said: str) -> None:
    [finding] = findings(EVENTS + more)
    assert (finding.code, finding.pointer) == ("manifest.invalidValue", pointer)
    assert said in finding.message


# events


@pytest.mark.parametrize(
    ("old", "new", "code", "pointer", "suggestion"),
    [
        ("distinct: who, by", "by", "manifest.invalidValue", "/usage/counts/active_users/sketch", None),
        ("secret: peopleKey", "", "manifest.missingKey", "/usage/counts/active_users/sketch/secret", None),
        ("by: []", "by: [subjects]", "manifest.unknownField", "/usage/counts/active_users/by/0", "subject"),
        ("active_users", "resources_online", "manifest.invalidValue", "/usage/counts/resources_online/sketch", None),
        ("active_users", "active_user", "manifest.unknownMeasure", "/usage/counts/active_user", "active_users"),
    ],
)
def test_a_count_that_cannot_be_sketched_or_split_is_refused(
    old: str, new: str, code: str, pointer: str, suggestion: str | None
) -> None:
    text = EVENTS.replace(old, new)
    [finding] = findings(text)
    assert (finding.code, finding.pointer, finding.suggestion) == (code, pointer, suggestion)
    assert finding.line is not None


def test_the_secret_of_a_sketch_is_one_that_the_manifest_needs() -> None:
    top = "credentials: {kind: bearer, secret: token}\n"
    assert read_manifest(manifest(top=top) + EVENTS).secret_names == ("peopleKey", "token")
    assert read_manifest(manifest(top=top)).secret_names == ("token",)


async def test_a_secret_that_is_not_set_ends_the_reading_before_anything_is_asked() -> None:
    platform = Scripted(lambda request, body, number: json([]))
    context = ConnectorContext("example", in_process(platform.app), {"other": "x"})
    with pytest.raises(ManifestError, match="the secret 'peopleKey' is not set") as caught:
        await anext(connector(manifest() + EVENTS).usage(context, UsageRequest(DAY, DAY)))
    [finding] = caught.value.findings
    assert (finding.code, finding.pointer) == ("SECRET_MISSING", "/usage/counts/active_users/sketch/secret")
    assert platform.asked == []


async def test_people_of_events_are_sketched_with_the_secret_and_told_by_day_only() -> None:
    events = [
        {"day": "2025-03-01", "who": who, "subject": subject}
        for who, subject in (("甲", "数学"), ("乙", "数学"), ("甲", "语文"))
    ]
    page = await usage(EVENTS, *events, peopleKey="demonstration")
    made = [one.record for one in page.accepted]
    facts = [(fact.measure, int(fact.value), fact.subject.code if fact.subject else None) for fact in made]
    assert facts == [("active_users", 2, None), ("plays", 2, "mathematics"), ("plays", 1, "chinese")]
    sketch = page.accepted[0].record.sketch or ""
    assert base64.b64decode(sketch) == people_sketch(["甲", "乙"], b"demonstration")
    assert page.accepted[1].record.sketch is None
    again = await usage(EVENTS, *reversed(events), peopleKey="demonstration")
    assert again.accepted[0].digest == page.accepted[0].digest
    other = await usage(EVENTS, *events, peopleKey="another")
    assert other.accepted[0].record.sketch != sketch


# samples and coverage


async def test_a_sample_of_events_is_sketched_without_secrets() -> None:
    sample = b'[{"day": "2025-03-01", "who": "a"}, {"day": "2025-03-01", "who": "b"}]'
    report = await check_sample(manifest() + EVENTS, sample, "usage")
    assert report.ok, report.findings
    assert {one.field: one.mapped for one in report.coverage}["sketch"]


async def test_a_sample_tells_where_a_sketch_is_refused_and_which_paths_find_nothing() -> None:
    sample = b'[{"day": "2025-03-01", "teachers": 2, "people": {"teachers": "QUJD"}, "lesson": 1}]'
    report = await check_sample(manifest() + ROWS, sample, "usage")
    told = {(one.code, one.pointer) for one in report.findings}
    assert ("sample.rejected", "/usage/sketches") in told
    assert ("sample.pathFindsNothing", "/usage/weights/live_attendance_avg/path") in told
    assert ("sample.pathFindsNothing", "/usage/sketches/active_teachers/path") not in told


def test_coverage_counts_what_stands_beside_the_fields() -> None:
    without = "  sketches:\n" + ROWS.partition("  sketches:\n")[2]
    for text, expected in ((ROWS, {"sketch", "weight"}), (ROWS.replace(without, ""), set()), (EVENTS, {"sketch"})):
        section = connector(manifest() + text).document.usage
        assert section is not None
        mapped = {one.field for one in coverage(section) if one.mapped}
        assert mapped & {"sketch", "weight"} == expected
        assert {"measure", "value", "day"} <= mapped
