"""The commands that measure run, whatever they measure."""

import asyncio
import sys

import pytest

from benchmarks.connectors.__main__ import main
from benchmarks.connectors.recorded import CASES


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
