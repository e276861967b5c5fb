"""The tests inside a manifest: what passes, and the finding for every way in which something comes out otherwise."""

import pytest

from connectors.conformance.replaying import contains, run_tests
from connectors.manifest import read_manifest
from connectors.manifest.document import read_document
from connectors.manifest.report import Report
from schema.findings import Finding, Severity
from tests.connectors.manifest.manifests import manifest

TOP = "credentials: {kind: apiKey, in: header, name: X-Key, secret: key}\n"
HARVEST = "  records: items\n  deleted: gone\n  incremental: {parameter: since, format: date, lookback: 0}\n"
FIELDS = "    nativeId: id\n    title: title\n    kind: {constant: LESSON}\n    stages: stage\n"
REST = """\
usage:
  protocol: rest
  request: {path: /usage}
  records: items
  fields: {day: {path: day, transform: date}}
  measures: {views: pv}
"""
ONE = """\
tests:
  - name: 一页
    since: 2025-03-01T00:00:00+08:00
    exchanges:
      - request: {path: /items, query: {since: 2025-03-01}, headers: {X-Key: demo-key}}
        response: {json: {items: [{id: 1, title: 分数, stage: 太空}, {id: 2}, {id: 3, gone: true}]}}
    expect:
      records: [{nativeId: 1, title: 分数, kind: LESSON}]
      rejected: 1
      accepted: 1
      deleted: ["3"]
      unmapped: ["stages: 太空"]
"""
WHOLE = manifest(top=TOP, harvest=HARVEST, fields=FIELDS)


async def findings(text: str) -> list[Finding]:
    """What the tests of a manifest report."""
    reading = read_manifest(text)
    assert reading.connector is not None, reading.findings
    report = Report(read_document(text))
    await run_tests(reading.connector, reading.secret_names, report)
    return report.findings


async def test_what_comes_out_as_expected_is_not_mentioned() -> None:
    assert await findings(WHOLE + ONE) == []


@pytest.mark.parametrize(
    ("written", "instead", "code", "pointer", "expected", "found"),
    [
        ("path: /items,", "path: /item,", "test.request", "/exchanges/0/request/path", "/item", "/items"),
        (
            "{path: /items,",
            "{method: POST, path: /items,",
            "test.request",
            "/exchanges/0/request/method",
            "POST",
            "GET",
        ),
        (
            "since: 2025-03-01}",
            "since: 2025-03-02}",
            "test.request",
            "/exchanges/0/request/query",
            "2025-03-02",
            "2025-03-01",
        ),
        ("since: 2025-03-01}", "page: 1}", "test.request", "/exchanges/0/request/query", "1", "nothing"),
        ("X-Key: demo-key", "x-key: demo", "test.request", "/exchanges/0/request/headers", "demo", "demo-key"),
        ("title: 分数, kind", "title: 小数, kind", "test.record", "/expect/records/0/title", "小数", "分数"),
        (
            "kind: LESSON}]",
            "kind: LESSON}, {nativeId: '2'}]",
            "test.record",
            "/expect/records/1/nativeId",
            "2",
            "no such record",
        ),
        ("rejected: 1", "rejected: 0", "test.record", "/expect/rejected", "0", "1"),
        ("accepted: 1", "accepted: 2", "test.record", "/expect/accepted", "2", "1"),
        ('deleted: ["3"]', "deleted: []", "test.record", "/expect/deleted", "[]", '["3"]'),
        ('unmapped: ["stages: 太空"]', "unmapped: []", "test.record", "/expect/unmapped", "[]", '["stages: 太空"]'),
        ("accepted: 1", "error: UPSTREAM_FAILURE", "test.error", "/expect/error", "UPSTREAM_FAILURE", None),
    ],
)
async def test_what_comes_out_otherwise_is_found_with_its_place(
    written: str, instead: str, code: str, pointer: str, expected: str, found: str | None
) -> None:
    assert ONE.count(written) == 1
    text = WHOLE + ONE.replace(written, instead)
    [finding] = await findings(text)
    assert (finding.code, finding.pointer, finding.expected, finding.found) == (
        code,
        f"/tests/0{pointer}",
        expected,
        found,
    )
    assert finding.severity is Severity.ERROR
    lines = text.splitlines()
    key = pointer.rpartition("/")[2]
    assert finding.line is not None
    assert finding.column is not None
    place = lines[finding.line - 1][finding.column - 1 :]
    assert place.startswith((key, f"{key}:")) or instead.partition(":")[0] in lines[finding.line - 1]


async def test_a_request_that_is_not_recorded_is_told() -> None:
    text = WHOLE.replace("  records: items\n", "  records: items\n  paging: {kind: page, size: 3}\n") + ONE
    found = await findings(text)
    assert [(one.code, one.pointer, one.found) for one in found] == [
        ("test.request", "/tests/0/exchanges", "https://api.example.org/items?since=2025-03-01&page=2"),
        ("test.error", "/tests/0/expect", "UPSTREAM_UNREACHABLE"),
    ]


async def test_a_recorded_request_that_is_not_sent_is_told() -> None:
    more = ONE.replace("    expect:", "      - response: {json: {items: []}}\n    expect:")
    [finding] = await findings(WHOLE + more)
    assert (finding.code, finding.pointer) == ("test.request", "/tests/0/exchanges/1")
    assert finding.message == "一页: only 1 of 2 recorded requests were sent"


@pytest.mark.parametrize(
    ("response", "expected", "codes"),
    [
        ("{status: 400}", "{error: UPSTREAM_FAILURE}", []),
        ("{text: '<html>'}", "{error: UPSTREAM_MALFORMED}", []),
        ("{text: '<html>'}", "{error: UPSTREAM_FAILURE}", ["test.error"]),
        ("{base64: eyJpdGVtcyI6W119}", "{accepted: 0}", []),
        ("{status: 500, headers: {retry-after: '900'}}", "{error: UPSTREAM_UNAVAILABLE}", []),
        ("{status: 400}", "{accepted: 0}", ["test.error"]),
    ],
)
async def test_errors_may_be_expected(response: str, expected: str, codes: list[str]) -> None:
    tests = f"tests:\n  - name: t\n    exchanges: [{{response: {response}}}]\n    expect: {expected}\n"
    assert [finding.code for finding in await findings(WHOLE + tests)] == codes


async def test_rejections_nobody_expected_are_warned_of() -> None:
    [finding] = await findings(WHOLE + ONE.replace("      rejected: 1\n", ""))
    assert (finding.code, finding.severity) == ("test.rejected", Severity.WARNING)
    assert "2 is rejected: title is required and missing" in finding.message


async def test_usage_and_training_are_tested_too() -> None:
    tests = (
        "tests:\n  - name: 浏览\n    section: usage\n    days: [2025-03-01, 2025-03-01]\n"
        "    exchanges: [{response: {json: {items: [{day: 2025-03-01, pv: 12.5}]}}}]\n"
        "    expect: {records: [{measure: views, day: 2025-03-01, value: 12.5}]}\n"
    )
    assert await findings(WHOLE + REST + tests) == []
    [finding] = await findings(WHOLE + REST + tests.replace("value: 12.5", "value: 12"))
    assert (finding.pointer, finding.expected, finding.found) == ("/tests/0/expect/records/0/value", "12", "12.5")
    missing = tests.replace("usage", "training").replace("    days: [2025-03-01, 2025-03-01]\n", "")
    assert "test.error" in [one.code for one in await findings(WHOLE + missing)]


async def test_tests_that_wait_without_end_are_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.conformance.replaying.SECONDS", 0.05)
    slow = "exchanges: [{response: {status: 503, headers: {retry-after: '20'}}}]\n    expect: {accepted: 0}\n"
    tests = f"tests:\n  - name: a\n    {slow}  - name: b\n    {slow}"
    [finding] = await findings(WHOLE + tests)
    assert (finding.code, finding.pointer) == ("test.error", "/tests/0")
    assert "longer than 0.05 seconds" in finding.message


async def test_posted_bodies_are_compared_as_far_as_they_are_written() -> None:
    posted = WHOLE.replace(
        "    path: /items\n", "    path: /items\n    method: POST\n    json: {a: {b: 1, c: [1, 2]}}\n"
    )
    body = "tests:\n  - name: t\n    exchanges:\n      - request: {method: POST, path: /items, json: %s}\n"
    body += "        response: {json: {items: []}}\n    expect: {accepted: 0}\n"
    assert await findings(posted + body % "{a: {b: 1}}") == []
    [finding] = await findings(posted + body % "{a: {c: [1]}}")
    assert (finding.pointer, finding.expected) == ("/tests/0/exchanges/0/request/json", '{"a":{"c":[1]}}')


@pytest.mark.parametrize(
    ("found", "expected", "held"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, True),
        ([1, {"a": 1, "b": 2}], [1, {"a": 1}], True),
        ([1, 2], [1], False),
        ([2, 1], [1, 2], False),
        ("8.0", 8, True),
        ("8.0", 8.0, True),
        ("八", 8, False),
        ("1", True, False),
        (None, {}, False),
        ("a", "a", True),
    ],
)
def test_a_value_holds_what_is_written_of_it(found: object, expected: object, held: bool) -> None:
    assert contains(found, expected) is held
