"""A mapping tried on recorded answers: what is filled, what finds nothing, what is refused and what no table knows."""

from typing import Any

import orjson
import pytest

from connectors.conformance import ManifestReport, check_sample
from schema.findings import Finding, Severity
from tests.connectors.manifest.manifests import FIELDS, HEAD, manifest

OAI = HEAD + (
    "harvest:\n  protocol: oai-pmh\n  prefix: oai_lom\n  fields:\n"
    "    title: oai:metadata/lom:lom/lom:general/lom:titel\n    kind: {constant: LESSON}\n"
    "    summary: oai:metadata/lom:lom/dc:general\n"
)
RECORD = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header>
<identifier>a:1</identifier><datestamp>2026-01-01</datestamp></header><metadata>
<lom xmlns="http://ltsc.ieee.org/xsd/LOM"><general><title>勾股定理</title></general></lom>
</metadata></record><resumptionToken>more</resumptionToken></ListRecords></OAI-PMH>"""


def sampled(report: ManifestReport) -> list[Finding]:
    """The findings about the sample."""
    return [finding for finding in report.findings if finding.code.startswith("sample.")]


def summary(report: ManifestReport) -> list[tuple[Any, ...]]:
    """What the findings about the sample say in short."""
    return [(one.code, one.pointer, one.severity.value, one.found, one.suggestion) for one in sampled(report)]


async def tried(rows: object, fields: str, **parts: str) -> ManifestReport:
    """The check of a manifest with these fields on a list of rows."""
    return await check_sample(manifest(fields=fields, **parts), orjson.dumps(rows))


async def test_a_sample_says_which_share_of_the_records_fills_a_field() -> None:
    rows = [{"id": 1, "title": "一", "u": "https://a.example/1"}, {"id": 2, "title": "二", "u": ""}]
    report = await tried(rows, FIELDS + "    url: u\n")
    assert report.ok
    assert sampled(report) == []
    shares = {one.field: one.filled for one in report.coverage if one.mapped}
    assert shares == {"nativeId": 1.0, "title": 1.0, "kind": 1.0, "url": 0.5}
    assert {one.filled for one in report.coverage if not one.mapped} == {0.0}


async def test_a_path_that_finds_nothing_names_what_stands_there() -> None:
    rows = [{"id": 1, "title": "一", "team": {"name": "江", "school": {"title": "一中"}}, "links": []}]
    fields = FIELDS + (
        "    summary: intro\n"
        "    provider:\n      path: team.shcool\n      fields: {name: title, kind: {constant: SCHOOL}}\n"
        "    contributors:\n      each: team\n      fields: {name: nmae, role: {constant: LECTURER}}\n"
        "    url: links[0].href\n"
        "    keywords: {path: labels, alternatives: [title]}\n"
    )
    report = await tried(rows, fields)
    assert [
        (one.pointer, one.found, one.suggestion, one.expected)
        for one in sampled(report)
        if one.code == "sample.pathFindsNothing"
    ] == [
        ("/harvest/fields/summary/path", "intro", None, "one of id, title, team, links"),
        ("/harvest/fields/provider/path", "shcool", "school", "one of name, school"),
        ("/harvest/fields/contributors/fields/name/path", "nmae", "name", "one of name, school"),
        ("/harvest/fields/url/path", "href", None, None),
    ]
    [lost] = [one for one in sampled(report) if one.found == "shcool"]
    assert lost.message == "'team.shcool' finds nothing in 1 records: there is no 'shcool'"
    assert (lost.line, lost.severity) == (18, Severity.WARNING)


async def test_an_xpath_that_finds_nothing_names_the_elements_with_their_prefixes() -> None:
    report = await check_sample(OAI, RECORD.encode())
    assert summary(report) == [
        ("sample.rejected", "/harvest/fields/title", "ERROR", None, None),
        ("sample.pathFindsNothing", "/harvest/fields/title/path", "WARNING", "lom:titel", "lom:title"),
        ("sample.pathFindsNothing", "/harvest/fields/summary/path", "WARNING", "dc:general", "lom:general"),
    ]


async def test_rejected_records_are_told_with_reason_place_and_example() -> None:
    rows = [{"id": n, "title": "课", "len": "45分钟" if n > 1 else "一会儿"} for n in range(1, 11)]
    report = await tried(rows, FIELDS + "    durationSeconds: {path: len, transform: duration}\n")
    assert report.ok
    assert summary(report) == [
        ("sample.rejected", "/harvest/fields/durationSeconds", "WARNING", "一会儿", None),
    ]
    assert sampled(report)[0].message.startswith("1 of 10 records: durationSeconds.invalid: durationSeconds: ")
    report = await tried(rows[:4], FIELDS + "    durationSeconds: {path: len, transform: duration}\n")
    assert not report.ok


async def test_values_no_table_knows_are_counted() -> None:
    rows = [
        {"id": n, "title": "课", "s": word}
        for n, word in enumerate(["齐文化", "数学", "齐文化", "陶艺", "语文", "英语"])
    ]
    report = await tried(rows, FIELDS + "    subjects: s\n")
    assert summary(report) == [("sample.unmapped", "/harvest/fields/subjects", "INFO", "齐文化 (2), 陶艺 (1)", None)]
    assert sampled(report)[0].message == "subjects: 2 values that no table knows, in 3 of 6 records"


async def test_an_id_that_stands_for_two_records_is_refused() -> None:
    report = await tried([{"id": 1, "title": "一"}, {"id": 1, "title": "二"}], FIELDS)
    assert summary(report) == [("sample.duplicateId", "/harvest/fields/nativeId", "ERROR", "1", None)]
    assert not report.ok


@pytest.mark.parametrize(
    ("sample", "code", "message"),
    [
        (b"<html>", "sample.unreadable", "an HTML page where JSON was due"),
        (b'{"code": 7, "msg": "closed"}', "sample.unreadable", "closed"),
        (b'{"items": {}}', "sample.unreadable", "where a list was due"),
        (b'{"items": []}', "sample.empty", "holds no records"),
    ],
)
async def test_a_sample_that_is_no_listing_is_told_so(sample: bytes, code: str, message: str) -> None:
    text = manifest(top="failures:\n  - {body: code, outcome: stop, message: msg}\n", harvest="  records: items\n")
    report = await check_sample(text, sample)
    [finding] = sampled(report)
    assert (finding.code, report.ok) == (code, False)
    assert message in finding.message


async def test_a_manifest_that_cannot_be_used_or_lacks_the_section_is_told_before_any_sample() -> None:
    report = await check_sample("manifest: 1\n", b"[]")
    assert {finding.code for finding in report.findings} == {"manifest.missingKey"}
    report = await check_sample(manifest(), b"[]", "training")
    assert [one.message for one in sampled(report)] == ["the manifest has no section training"]


async def test_files_usage_and_statements_are_tried_alike() -> None:
    files = HEAD + (
        'harvest:\n  protocol: files\n  folder: drop/*.csv\n  format: {kind: csv, separator: ";"}\n  fields:\n'
        "    nativeId: 编号\n    title: 标题\n    kind: {constant: LESSON}\n    url: 资源网址\n"
    )
    report = await check_sample(files, "编号;标题;资源网站\n1;勾股定理;x\n".encode())
    assert summary(report) == [
        ("sample.pathFindsNothing", "/harvest/fields/url/path", "WARNING", "资源网址", "资源网站")
    ]
    usage = manifest() + (
        "usage:\n  protocol: rest\n  request: {path: /u}\n  window: {from: a, to: b, days: 7}\n"
        "  fields: {day: date}\n  measures: {plays: play, views: v}\n"
    )
    report = await check_sample(usage, b'[{"date": "2026-01-01", "plays": 7, "v": "many"}]', "usage")
    assert [(one.code, one.pointer) for one in sampled(report)] == [
        ("sample.rejected", "/usage/measures"),
        ("sample.pathFindsNothing", "/usage/measures/plays/path"),
    ]
    counted = manifest() + (
        "usage:\n  protocol: xapi\n  fields:\n    day: {path: timestamp, transform: [isoDateTime, date]}\n"
        "  counts: {plays: \"verb.id == 'played'\", active_users: {distinct: actor.account.nmae}}\n"
    )
    statement = {"verb": {"id": "played"}, "actor": {"account": {"name": "t-1"}}, "timestamp": "2026-01-01T08:00:00Z"}
    report = await check_sample(counted, orjson.dumps({"statements": [statement], "more": "/next"}), "usage")
    assert [(one.pointer, one.suggestion) for one in sampled(report)] == [
        ("/usage/counts/active_users/distinct", "name")
    ]
    assert {one.field: one.filled for one in report.coverage if one.filled} == {
        "day": 1.0,
        "measure": 1.0,
        "value": 1.0,
    }
