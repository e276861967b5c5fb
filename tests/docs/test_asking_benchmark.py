"""The command that measures asking runs."""

import sys

import pytest

from benchmarks.asking.__main__ import main


def test_every_way_to_be_answered_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks.asking", "--questions", "80", "--repeat", "1"])
    main()
    _, _, *lines = capsys.readouterr().out.splitlines()
    assert [line[:34].strip() for line in lines] == [
        "bare call",
        "new question",
        "fresh kept answer",
        "stale kept answer",
        "8 callers of one flight, each",
    ]
