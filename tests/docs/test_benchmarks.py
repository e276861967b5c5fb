"""The commands that measure run, whatever they measure."""

import asyncio
import sys

import pytest

from benchmarks.connectors.__main__ import main
from benchmarks.connectors.recorded import CASES
from benchmarks.connectors.searches import PLATFORMS
from benchmarks.graph.__main__ import main as measure_graph
from benchmarks.graph.operations import OPERATIONS
from benchmarks.responses.__main__ import main as measure_responses
from benchmarks.training.__main__ import main as measure_training
from benchmarks.transport.__main__ import main as measure_transport
from benchmarks.usage.__main__ import main as measure_usage
from benchmarks.usage.questions import MEASURES
from gateway.statistics import ExportFormat


@pytest.mark.slow
def test_every_case_of_the_connectors_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks.connectors", "--records", "40", "--repeat", "1"])
    asyncio.run(main())
    lines = capsys.readouterr().out.splitlines()
    tables = {case.label: [line for line in lines if line.startswith(f"{case.label} ")] for case in CASES}
    assert [len(table) for table in tables.values()] == [1] * len(CASES)
    assert [tables[case.label][0].removeprefix(case.label).split()[0] for case in CASES[:3]] == ["40", "40", "40"]
    assert sum(line.endswith("µs") for line in lines) > 20
    searched = {line.split()[0]: line.split()[1:] for line in lines if line.split() and line.split()[0] in PLATFORMS}
    assert [len(searched[platform]) for platform in PLATFORMS] == [7] * len(PLATFORMS)


@pytest.mark.slow
@pytest.mark.parametrize("way", [[], ["--through-database"]])
def test_reports_of_every_kind_and_exports_of_every_format_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], way: list[str]
) -> None:
    sizes = ["--facts", "5000", "--reports", "14", "--rows", "100"]
    monkeypatch.setattr(sys, "argv", ["benchmarks.usage", *sizes, *way])
    measure_usage()
    lines = capsys.readouterr().out.splitlines()
    kinds = [line[:20].strip() for line in lines if line.endswith(" ms")]
    assert kinds == [*MEASURES, "all"]
    assert sorted(line.split()[0] for line in lines if " s " in line and line.endswith(" MB")) == sorted(ExportFormat)


@pytest.mark.slow
def test_every_hot_operation_is_measured_on_both_ways(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks.graph", "--rounds", "1", "--times", "1"])
    measure_graph()
    lines = capsys.readouterr().out.splitlines()
    labels = [one.label for one in OPERATIONS]
    assert [line[:24].strip() for line in lines if line.endswith(" ×")] == [*labels, "geometric mean"]
    assert [line[:24].strip() for line in lines if line.endswith(" µs")] == labels


@pytest.mark.slow
def test_conversions_postings_and_transcripts_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ["--conversions", "200", "--people", "20", "--records", "25", "--page", "20"]
    monkeypatch.setattr(sys, "argv", ["benchmarks.training", *sizes])
    measure_training()
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    labels = [line[:34].strip() for line in lines if line][:7]
    assert labels == [
        "conversions",
        "lines of a teacher, per record",
        "records posted, 20 a page",
        "records posted one by one",
        "the same, 8 writers at once",
        "records reconciled",
        "transcript of a teacher",
    ]
    assert any(line.startswith("20 teachers with 25 records each") for line in lines)


def test_every_transport_is_measured_bare_and_with_what_is_around_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks.transport", "--calls", "32", "--rounds", "1"])
    asyncio.run(measure_transport())
    lines = [(line[:22].strip(), line[22:].split()[0]) for line in capsys.readouterr().out.splitlines()[1:]]
    ways = ["pyreqwest", "fast", "fast, stack", "fast, stack, detour", "httpx", "httpx, stack"]
    assert lines == [(way, at_once) for at_once in ("1", "32") for way in ways]


@pytest.mark.slow
def test_kept_answers_and_what_watching_adds_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks.responses", "--records", "200", "--requests", "40"])
    measure_responses()
    lines = capsys.readouterr().out.splitlines()
    watching = [line.removeprefix("watching ")[:22].strip() for line in lines if line.startswith("watching ")]
    assert watching == ["metrics", "metrics and spans"]
    cases = ["bare route", "hit", "hit by gzip", "miss", "bypass"]
    assert [line[18:30].strip() for line in lines if line.endswith("× a hit")] == cases
