"""Log lines: a time with its zone, a level, a logger and a reason, in one form for ours and the server's."""

import json
import logging
import re
import subprocess
import sys
from datetime import datetime

import pytest

from gateway.logs import JsonFormatter, LineFormatter, lacks_websockets, logging_config, reason_of

PROGRAM = """
import logging
from gateway.logs import open_logs
{before}
open_logs({level!r}, {form!r})
for name in ("gateway.cache", "shanhai.web", "_granian", "uvicorn.error", "uvicorn.access", "elsewhere"):
    logging.getLogger(name).warning("a line of %s", name)
    logging.getLogger(name).info("a quiet line of %s", name)
"""
LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d) (WARNING|INFO) ([\w.]+): (.*)")


def written(form: str = "text", level: str = "WARNING", before: str = "") -> list[str]:
    """Standard error of a process whose loggers were opened so."""
    program = PROGRAM.format(before=before, level=level, form=form)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout == ""
    return ran.stderr.splitlines()


def test_every_logger_writes_lines_of_one_form() -> None:
    found = [LINE.fullmatch(line) for line in written()]
    assert all(found)
    assert [one[3] for one in found if one] == [
        *("gateway.cache", "shanhai.web", "_granian", "uvicorn.error", "uvicorn.access", "elsewhere"),
    ]


def test_ours_are_told_from_the_level_on_and_libraries_from_warning_on() -> None:
    lines = [line for line in written(level="INFO") if "quiet" in line]
    assert [line.split(" ")[2] for line in lines] == ["gateway.cache:", "shanhai.web:"]


def test_lines_may_be_json() -> None:
    lines = [json.loads(line) for line in written("json")]
    assert [line["logger"] for line in lines][:2] == ["gateway.cache", "shanhai.web"]
    assert lines[0].keys() == {"time", "level", "logger", "message"}
    assert datetime.fromisoformat(lines[0]["time"]).tzinfo is not None
    assert lines[0]["message"] == "a line of gateway.cache"


def test_what_an_operator_has_set_up_is_left_alone() -> None:
    before = "logging.basicConfig(format='mine %(message)s')"
    assert written(before=before)[0] == "mine a line of gateway.cache"


@pytest.mark.parametrize("formatter", [LineFormatter(), JsonFormatter()])
def test_a_traceback_is_written_whole(formatter: logging.Formatter) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        record = logging.LogRecord("gateway", logging.ERROR, __file__, 1, "it failed", None, sys.exc_info())
    text = formatter.format(record)
    assert "it failed" in text
    assert "ValueError: broken" in text
    assert ("\n" in text) is isinstance(formatter, LineFormatter)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("broken"), "ValueError: broken"),
        (ValueError("two\nlines"), "ValueError: two lines"),
        (TimeoutError(), "TimeoutError: no answer in time"),
        (ConnectionResetError(), "ConnectionResetError: the connection broke"),
        (caused(RuntimeError(), OSError("no route")), "RuntimeError: after OSError: no route"),
        (RuntimeError(" "), "RuntimeError: it gives no reason"),
    ],
)
def test_a_reason_is_never_empty(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


def test_the_configuration_is_data_that_other_processes_can_be_handed() -> None:
    assert json.loads(json.dumps(logging_config("INFO", "json")))["loggers"]["gateway"] == {"level": "INFO"}


def test_websockets_are_missed_only_where_neither_package_is_installed() -> None:
    assert not lacks_websockets()
    program = (
        "import importlib.util, sys, uvicorn.server\n"
        "from gateway.logs import lacks_websockets\n"
        "found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: None if name in ('websockets', 'wsproto') else found(name)\n"
        "print(lacks_websockets())\n"
        "import granian\n"
        "print(lacks_websockets())\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.split() == ["True", "False"]
